//! Random patterns and messages from small vocabularies, so that they meet often.

use std::fmt::Write;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::naive::{NUMBERS, OPERANDS, Tree};

const NAMES: &[&str] = &["a", "b", "c", "a.b", "é"];
/// Texts of values and of operands.
pub const TEXTS: &[&str] = &[
    "", "a", "b", "ab", "aab", "abab", "a b", "1", "1.0", "+1", "é", "a\n", "\n", "\"", "\\", "*",
    "true", "null", "😀",
];

/// A JSON value.
pub fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![
        1 => Just(Tree::Null),
        1 => any::<bool>().prop_map(Tree::Bool),
        3 => (0..NUMBERS.len()).prop_map(Tree::Number),
        4 => select(TEXTS).prop_map(|text| Tree::String(text.to_owned())),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..4).prop_map(Tree::Array),
            3 => members(inner).prop_map(Tree::Object),
        ]
    })
}

/// A JSON object, some of whose names may repeat.
pub fn object() -> impl Strategy<Value = Tree> {
    members(tree()).prop_map(Tree::Object)
}

fn members(value: impl Strategy<Value = Tree>) -> impl Strategy<Value = Vec<(String, Tree)>> {
    let name = select(NAMES).prop_map(str::to_owned);
    vec((name, value), 0..5)
}

/// Writes a value as JSON; the seed picks white space and escapes.
pub fn json(tree: &Tree, seed: u64) -> String {
    let mut writer = Writer {
        out: String::new(),
        seed,
    };
    writer.space();
    writer.value(tree);
    writer.space();
    writer.out
}

/// Writes a value as JSON without white space, and with no escape that can be done without.
pub fn compact_json(tree: &Tree) -> String {
    let mut writer = Writer {
        out: String::new(),
        seed: COMPACT,
    };
    writer.value(tree);
    writer.out
}

struct Writer {
    out: String,
    seed: u64,
}

/// The seed with which nothing is left to chance.
const COMPACT: u64 = u64::MAX;

impl Writer {
    fn chance(&mut self, one_in: u64) -> bool {
        if self.seed == COMPACT {
            return false;
        }
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.seed >> 33).is_multiple_of(one_in)
    }

    fn space(&mut self) {
        for blank in [' ', '\n', '\t', '\r'] {
            if self.chance(6) {
                self.out.push(blank);
            }
        }
    }

    fn value(&mut self, tree: &Tree) {
        match tree {
            Tree::Null => self.out.push_str("null"),
            Tree::Bool(value) => write!(self.out, "{value}").unwrap(),
            Tree::Number(index) => self.out.push_str(NUMBERS[*index].0),
            Tree::String(text) => self.string(text),
            Tree::Array(items) => {
                self.sequence('[', items, Writer::value);
                self.out.push(']');
            }
            Tree::Object(members) => {
                self.sequence('{', members, |writer, (name, value)| {
                    writer.string(name);
                    writer.space();
                    writer.out.push(':');
                    writer.space();
                    writer.value(value);
                });
                self.out.push('}');
            }
        }
    }

    fn sequence<T>(&mut self, open: char, parts: &[T], one: impl Fn(&mut Writer, &T)) {
        self.out.push(open);
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.space();
            one(self, part);
            self.space();
        }
        self.space();
    }

    fn string(&mut self, text: &str) {
        self.out.push('"');
        for c in text.chars() {
            match c {
                _ if self.chance(8) => {
                    for unit in c.encode_utf16(&mut [0; 2]) {
                        write!(self.out, "\\u{unit:04x}").unwrap();
                    }
                }
                '"' | '\\' => write!(self.out, "\\{c}").unwrap(),
                '\n' => self.out.push_str("\\n"),
                c => self.out.push(c),
            }
        }
        self.out.push('"');
    }
}

/// A selector.
pub fn selector() -> impl Strategy<Value = String> {
    let name = select(NAMES).prop_map(|name| match name {
        "a.b" => ".['a.b']".to_owned(),
        name => format!(".{name}"),
    });
    let index = select(&["", "", "", "[0]", "[1]"][..]);
    let steps = vec((name, index).prop_map(|(name, index)| name + index), 1..4);
    (
        steps,
        select(&["", "", "[*]", ".*"][..]),
        any::<prop::sample::Index>(),
    )
        .prop_map(|(mut steps, wildcard, at)| {
            let at = at.index(steps.len());
            steps[at].push_str(wildcard);
            format!("${}", steps.concat())
        })
}

fn number() -> impl Strategy<Value = String> {
    select(OPERANDS).prop_map(|(spelling, _)| spelling.to_owned())
}

/// A regular expression without its percent signs.
pub fn regex() -> impl Strategy<Value = String> {
    let atom = select(
        &[
            "a", "b", "a", ".", r"\s", r"\d", r"\W", "[ab]", "[^a]", "^", "$",
        ][..],
    );
    let quantifier = select(&["", "", "", "*", "+", "?", "{2}", "{,1}", "{1,2}", "{1,}?"][..]);
    let piece = (atom, quantifier).prop_map(|(atom, quantifier)| match atom {
        "^" | "$" => atom.to_owned(),
        _ => format!("{atom}{quantifier}"),
    });
    let branch = vec(piece, 0..5).prop_map(|pieces| pieces.concat());
    vec(branch, 1..3)
        .prop_map(|branches| branches.join("|"))
        .prop_filter("an empty regex is refused", |regex| !regex.is_empty())
}

/// A regular expression that stands for more characters than a machine word has bits.
pub fn wide_regex() -> impl Strategy<Value = String> {
    let piece = |quantifiers: &'static [&'static str]| {
        (select(&["a", "b", ".", "[^a]"][..]), select(quantifiers))
            .prop_map(|(atom, quantifier)| format!("{atom}{quantifier}"))
    };
    let narrow = || piece(&["", "?", "*", "+", "{2}", "{,3}"]);
    let wide = || piece(&["{63}", "{,64}", "{40,90}", "{65,}", "{1,130}"]);
    let anchors = (select(&["", "^"][..]), select(&["", "$", "|a{70}"][..]));
    (anchors, narrow(), wide(), narrow(), wide(), narrow())
        .prop_map(|((start, end), a, b, c, d, e)| format!("{start}{a}{b}{c}{d}{e}{end}"))
}

/// What a comparison may compare with, and the operator.
pub fn comparison() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        select(&["a", "ab", "a*", "*b", "*a*", "a*b", "*", "true", "x.y-z_1"][..])
            .prop_map(str::to_owned),
        select(TEXTS)
            .prop_map(|text| { format!("\"{}\"", text.replace('\\', r"\\").replace('"', "\\\"")) }),
        select(&["\"**\"", "\"*a*b*\"", "\"a b*\"", "\"\\d\""][..]).prop_map(str::to_owned),
        regex().prop_map(|regex| format!("%{regex}%")),
    ];
    let equality = (
        select(&["=", "!=", " = ", "\t!=\n"][..]),
        prop_oneof![text, number()],
    );
    let ordering = (select(&["<", " <= ", ">", " >= "][..]), number());
    prop_oneof![
        2 => equality.prop_map(|(op, operand)| format!("{op}{operand}")),
        1 => ordering.prop_map(|(op, operand)| format!("{op}{operand}")),
    ]
}

/// Conditions joined at random, with and without parentheses.
pub fn expr(test: impl Strategy<Value = String> + 'static) -> impl Strategy<Value = String> {
    test.prop_recursive(3, 8, 3, |inner| {
        let connective = select(&["&&", " || ", " && ", "\n||\n"][..]);
        let group = prop_oneof![inner.clone(), inner.prop_map(|inner| format!("( {inner})"))];
        (group.clone(), connective, group)
            .prop_map(|(left, connective, right)| format!("{left}{connective}{right}"))
    })
}

/// A JSON pattern.
pub fn json_pattern() -> impl Strategy<Value = String> {
    let test = prop_oneof![
        4 => comparison(),
        2 => select(&[" IS NULL", " is true", " IS FALSE", " NOT EXISTS"][..])
            .prop_map(str::to_owned),
    ];
    let condition = (selector(), test).prop_map(|(selector, test)| selector + &test);
    expr(condition).prop_map(|expr| format!("{{ {expr} }}"))
}

/// A space-delimited pattern.
pub fn delimited_pattern() -> impl Strategy<Value = String> {
    let test = expr(comparison().prop_map(|comparison| format!("NAME{comparison}")));
    let column = prop_oneof![
        1 => Just(String::new()),
        1 => Just("NAME".to_owned()),
        3 => test,
    ];
    let ellipsis = prop::option::of(any::<prop::sample::Index>());
    (vec(column, 0..5), ellipsis).prop_map(|(mut columns, ellipsis)| {
        for (index, column) in columns.iter_mut().enumerate() {
            *column = column.replace("NAME", &format!("column_{index}"));
        }
        if let Some(at) = ellipsis {
            columns.insert(at.index(columns.len() + 1), " ... ".to_owned());
        }
        format!("[{}]", columns.join(","))
    })
}

/// A line of tokens.
pub fn line() -> impl Strategy<Value = String> {
    let parts = &[
        " ", " ", "\t", "\u{a0}", "a", "b", "ab", "1", "1.0", "+1", "1e3", "\"", "\"", "[", "]",
        "\"a b\"", "[a b]", "\"\"", "é", "x.y-z_1", "\n",
    ][..];
    vec(select(parts), 0..12).prop_map(|parts| parts.concat())
}

/// A pattern of terms.
pub fn terms_pattern() -> impl Strategy<Value = String> {
    let text = select(&["a", "b", "ab", "é", "\"a b\"", "\"\\\"\"", "\"*\""][..]);
    let term = (select(&["", "-", "?", "?"][..]), text);
    vec(term.prop_map(|(sign, text)| format!("{sign}{text}")), 0..4)
        .prop_map(|terms| terms.join(" "))
}

/// Any pattern.
pub fn pattern() -> impl Strategy<Value = String> {
    prop_oneof![
        json_pattern(),
        delimited_pattern(),
        terms_pattern(),
        regex().prop_map(|regex| format!("%{regex}%")),
    ]
}

/// Pieces of patterns in any order.
pub fn soup() -> impl Strategy<Value = String> {
    const PIECES: &str = "{ } [ ] ( ) % \" ' “ \\ $ . $.a $.a[ ['b'] [*] .* [0] = != == < >= && || & \
        ! , ... IS NOT EXISTS NULL null AND a é * 1 -1.5e3 1e99999999999 - ? + ^ | {2,1} (?= \\d \
        \\x4 😀 \"x\" %x% {$.a [a";
    let pieces: Vec<_> = PIECES
        .split_whitespace()
        .chain([" ", "\n", "\u{a0}"])
        .collect();
    vec(select(pieces), 0..16).prop_map(|pieces| pieces.concat())
}
