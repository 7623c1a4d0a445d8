//! Texts that many matches share, kept once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize};

use super::row::stable_hash;

/// The name of a text in its [`Texts`].
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
pub(super) struct TextId(u32);

impl TextId {
    /// No text.
    pub(super) const NONE: Self = Self(0);
}

/// Texts by name; equal ones have the same name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub(super) struct Texts {
    list: Vec<Arc<str>>,
    index: HashMap<Arc<str>, TextId, RandomState>,
}

impl Texts {
    pub(super) fn intern(&mut self, text: &str) -> TextId {
        if let Some(id) = self.index.get(text) {
            return *id;
        }
        self.insert(text.into())
    }

    pub(super) fn intern_shared(&mut self, text: &Arc<str>) -> TextId {
        match self.index.get(&**text) {
            Some(id) => *id,
            None => self.insert(Arc::clone(text)),
        }
    }

    fn insert(&mut self, text: Arc<str>) -> TextId {
        self.list.push(Arc::clone(&text));
        // More texts than this fit into no memory: each takes tens of bytes.
        let id = TextId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.index.insert(text, id);
        id
    }

    /// The text; `None` for [`TextId::NONE`].
    pub(super) fn get(&self, id: TextId) -> Option<&Arc<str>> {
        self.list.get((id.0 as usize).checked_sub(1)?)
    }
}

impl From<Vec<String>> for Texts {
    fn from(list: Vec<String>) -> Self {
        let mut texts = Self::default();
        for text in list {
            texts.insert(text.into());
        }
        texts
    }
}

impl From<Texts> for Vec<String> {
    fn from(texts: Texts) -> Self {
        texts.list.iter().map(|text| text.to_string()).collect()
    }
}

/// Names of one [`Texts`] as names of another.
#[derive(Default)]
pub(super) struct Renaming(Vec<TextId>);

impl Renaming {
    pub(super) fn of(&mut self, id: TextId, from: &Texts, into: &mut Texts) -> TextId {
        let Some(text) = from.get(id) else {
            return TextId::NONE;
        };
        if self.0.len() <= from.list.len() {
            self.0.resize(from.list.len() + 1, TextId::NONE);
        }
        let Some(name) = self.0.get_mut(id.0 as usize) else {
            return into.intern_shared(text);
        };
        if *name == TextId::NONE {
            *name = into.intern_shared(text);
        }
        *name
    }
}

/// Texts of a record are kept up to a bound; a record of megabytes must not fill memory. Of two long
/// ones that begin alike, a hash tells which is which: they are not one principal or group.
pub(super) fn bounded(text: &str) -> Cow<'_, str> {
    const BYTES: usize = 256;
    if text.len() <= BYTES {
        return text.into();
    }
    let hash = format!("…{:016x}", stable_hash(text));
    let head = text.floor_char_boundary(BYTES - hash.len());
    format!("{}{hash}", text.get(..head).unwrap_or_default()).into()
}
