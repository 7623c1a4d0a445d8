//! Named lists of values that rules test fields against: approved regions, global services.

use std::collections::BTreeMap;

use super::fault::RuleFault;
use super::file::yaml_fault;

/// Lists by name. A value may hold `*`, as in a pattern.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lists(BTreeMap<String, Vec<String>>);

impl Lists {
    /// Reads `name: [value, …]` pairs from the YAML text of `file`.
    ///
    /// # Errors
    /// When the text is not such a mapping.
    pub fn parse(file: &str, text: &str) -> Result<Self, RuleFault> {
        serde_saphyr::from_str(text)
            .map(Self)
            .map_err(|error| yaml_fault(file, &error))
    }

    /// The values of a list.
    pub fn get(&self, name: &str) -> Option<&[String]> {
        self.0.get(name).map(Vec::as_slice)
    }

    /// The lists' names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Sets a list, in place of the one of that name.
    pub fn set(&mut self, name: impl Into<String>, values: Vec<String>) {
        self.0.insert(name.into(), values);
    }

    /// Takes every list of `other`, in place of those of the same name.
    pub fn replace_with(&mut self, other: Self) {
        self.0.extend(other.0);
    }
}

impl From<BTreeMap<String, Vec<String>>> for Lists {
    fn from(lists: BTreeMap<String, Vec<String>>) -> Self {
        Self(lists)
    }
}
