//! What a condition accepts, one shape of value at a time.
//!
//! Everything said here is proved: where a relation cannot be told, it does not hold.

use super::super::ast::{Literal, Op, Operand};
use super::super::json::Node;
use super::super::number::{Decimal, json_number_text};
use super::language::Language;
use super::leaf::Ask;

/// A shape of what a condition looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Missing,
    Null,
    True,
    False,
    String,
    Number,
    /// An array with a null among its elements.
    ArrayWithNull,
    OtherArray,
    Object,
    /// A token that reads as a number.
    NumericToken,
    OtherToken,
}

impl Shape {
    pub const NODES: &[Shape] = &[
        Shape::Missing,
        Shape::Null,
        Shape::True,
        Shape::False,
        Shape::String,
        Shape::Number,
        Shape::ArrayWithNull,
        Shape::OtherArray,
        Shape::Object,
    ];
    /// The nodes that compare with anything (filter pattern spec 4.4).
    pub const SCALARS: &[Shape] = &[Shape::String, Shape::Number];
    pub const TOKENS: &[Shape] = &[Shape::NumericToken, Shape::OtherToken];
}

/// The values of one shape that a condition accepts. A number that overflows a double compares with
/// no number: it is in no [`Extent::Value`], whatever the operator.
#[derive(Debug, Clone, Copy)]
pub(super) enum Extent<'p> {
    Nothing,
    Every,
    /// Those that compare so with a number.
    Value(Op, &'p Decimal<'static>),
    /// Those whose text is in the language, or is not.
    Text {
        within: bool,
        language: Language<'p>,
    },
}

impl<'p> Extent<'p> {
    /// `quirk`: whether `IS NULL` accepts an array with a null (filter pattern spec 4.7).
    pub fn new(ask: Ask<'p>, shape: Shape, quirk: bool) -> Extent<'p> {
        let holds = match ask {
            Ask::Compare(op, operand) => return Extent::of_comparison(op, operand, shape),
            Ask::NotExists => shape == Shape::Missing,
            Ask::Is(Literal::Null) => {
                shape == Shape::Null || (quirk && shape == Shape::ArrayWithNull)
            }
            Ask::Is(Literal::True) => shape == Shape::True,
            Ask::Is(Literal::False) => shape == Shape::False,
        };
        match holds {
            true => Extent::Every,
            false => Extent::Nothing,
        }
    }

    fn of_comparison(op: Op, operand: &'p Operand, shape: Shape) -> Extent<'p> {
        match (operand, shape) {
            (Operand::Number(number), Shape::Number | Shape::NumericToken) => {
                Extent::Value(op, number.value())
            }
            (Operand::Number(number), Shape::String) if !op.is_ordering() => {
                Extent::of_text(op, Language::Glob(number.spelling()), shape)
            }
            // Only numbers equal a number; the others differ from it.
            (Operand::Number(_), Shape::OtherToken) if op == Op::NotEqual => Extent::Every,
            (Operand::Number(_), _) => Extent::Nothing,
            (Operand::Text(text), _) => Extent::of_text(op, Language::Glob(text), shape),
            (Operand::Regex(regex), _) => Extent::of_text(op, Language::Regex(regex), shape),
        }
    }

    fn of_text(op: Op, language: Language<'p>, shape: Shape) -> Extent<'p> {
        let is_number = matches!(shape, Shape::Number | Shape::NumericToken);
        if !is_number && !matches!(shape, Shape::String | Shape::OtherToken) {
            return Extent::Nothing;
        }
        let foreign = |text| is_number && matches!(Reading::new(text, shape), Reading::NoNumber);
        let extent = if language.is_everything() {
            Extent::Every
        } else if language.is_nothing() || language.only().is_some_and(foreign) {
            Extent::Nothing
        } else {
            let within = true;
            Extent::Text { within, language }
        };
        match op {
            Op::NotEqual => extent.complement(),
            _ => extent,
        }
    }

    /// What is not accepted; numbers that overflow aside.
    pub fn complement(self) -> Extent<'p> {
        match self {
            Extent::Nothing => Extent::Every,
            Extent::Every => Extent::Nothing,
            Extent::Value(op, number) => Extent::Value(op.opposite(), number),
            Extent::Text { within, language } => Extent::Text {
                within: !within,
                language,
            },
        }
    }

    /// Whether everything that is accepted here is accepted there.
    pub fn is_within(self, other: Extent<'p>, shape: Shape) -> bool {
        match (self, other) {
            (Extent::Nothing, _) | (_, Extent::Every) => true,
            (Extent::Value(op, number), Extent::Value(other, bound)) => {
                value_within((op, number), (other, bound))
            }
            (
                Extent::Text { within, language },
                Extent::Text {
                    within: other_within,
                    language: other,
                },
            ) => match (within, other_within) {
                (true, true) => language.is_within(&other),
                (true, false) => language.is_apart_from(&other),
                (false, false) => other.is_within(&language),
                (false, true) => false,
            },
            (
                Extent::Text {
                    within: true,
                    language,
                },
                Extent::Value(op, number),
            ) => {
                let reading = language.only().map(|text| Reading::new(text, shape));
                match reading {
                    Some(Reading::Value(value)) => op.accepts(value.compare(number)),
                    _ => false,
                }
            }
            (
                Extent::Value(op, number),
                Extent::Text {
                    within: false,
                    language,
                },
            ) => {
                let reading = language.only().map(|text| Reading::new(text, shape));
                match reading {
                    Some(Reading::Value(value)) => !op.accepts(value.compare(number)),
                    Some(Reading::Overflow) => true,
                    _ => false,
                }
            }
            _ => false,
        }
    }

    /// Whether nothing is accepted.
    pub fn is_nothing(self) -> bool {
        matches!(self, Extent::Nothing)
    }
}

/// Whether all numbers that compare so with one number compare so with the other. Between any two
/// numbers there is a third.
fn value_within(inner: (Op, &Decimal<'_>), outer: (Op, &Decimal<'_>)) -> bool {
    let ((op, number), (outer, bound)) = (inner, outer);
    let order = number.compare(bound);
    match op {
        Op::Equal => outer.accepts(order),
        Op::NotEqual => outer == Op::NotEqual && order.is_eq(),
        Op::Less => match outer {
            Op::Less | Op::LessOrEqual | Op::NotEqual => order.is_le(),
            _ => false,
        },
        Op::LessOrEqual => match outer {
            Op::LessOrEqual => order.is_le(),
            Op::Less | Op::NotEqual => order.is_lt(),
            _ => false,
        },
        Op::Greater => match outer {
            Op::Greater | Op::GreaterOrEqual | Op::NotEqual => order.is_ge(),
            _ => false,
        },
        Op::GreaterOrEqual => match outer {
            Op::GreaterOrEqual => order.is_ge(),
            Op::Greater | Op::NotEqual => order.is_gt(),
            _ => false,
        },
    }
}

/// What a text is among the texts of numbers.
enum Reading<'t> {
    NoNumber,
    /// The text of numbers too large to compare.
    Overflow,
    /// The text of one number.
    Value(Decimal<'t>),
}

impl<'t> Reading<'t> {
    fn new(text: &'t str, shape: Shape) -> Reading<'t> {
        if shape == Shape::NumericToken {
            return Decimal::parse(text).map_or(Reading::NoNumber, Reading::Value);
        }
        if matches!(text, "Infinity" | "-Infinity") {
            return Reading::Overflow;
        }
        // `1e3` is a number, but no number has this text.
        match Node::parse(text) {
            Ok(Node::Number(raw)) if raw == text && json_number_text(raw) == text => {
                Decimal::of_json(raw).map_or(Reading::Overflow, Reading::Value)
            }
            _ => Reading::NoNumber,
        }
    }
}
