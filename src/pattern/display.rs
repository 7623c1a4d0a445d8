//! Tree → text. What is printed means the same and parses to an equal tree; only redundant
//! parentheses, white space and the way a text is quoted may differ from what was written.

use std::fmt::{self, Display, Formatter, Write};

use super::ast::{
    Ast, Column, Comparison, Condition, Expr, Literal, Operand, Sign, Spanned, Term, Test,
};
use super::parse::is_term_char;

impl<T: Display> Display for Spanned<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl Display for Ast {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Ast::Terms(terms) => separated(f, terms, " "),
            Ast::Regex(regex) => regex.fmt(f),
            Ast::Json(expr) => write!(f, "{{ {expr} }}"),
            Ast::Delimited(columns) => {
                f.write_str("[")?;
                separated(f, columns, ", ")?;
                f.write_str("]")
            }
        }
    }
}

fn separated<T: Display>(f: &mut Formatter<'_>, parts: &[T], separator: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        part.fmt(f)?;
    }
    Ok(())
}

impl Display for Term {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.sign {
            Sign::Required => {}
            Sign::Excluded => f.write_str("-")?,
            Sign::Optional => f.write_str("?")?,
        }
        if self.text.chars().all(is_term_char) {
            f.write_str(&self.text)
        } else {
            quoted(f, &self.text)
        }
    }
}

impl Display for Expr<Condition> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        joined(f, self, &|f, condition| condition.fmt(f))
    }
}

/// Puts parentheses only around the parts that do not bind more tightly than the connective.
fn joined<T>(
    f: &mut Formatter<'_>,
    expr: &Expr<T>,
    print: &dyn Fn(&mut Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    let (parts, connective) = match expr {
        Expr::Test(test) => return print(f, &test.node),
        Expr::All(parts) => (parts, " && "),
        Expr::Any(parts) => (parts, " || "),
    };
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(connective)?;
        }
        match (expr, part) {
            (_, Expr::Test(_)) | (Expr::Any(_), Expr::All(_)) => joined(f, part, print)?,
            _ => {
                f.write_char('(')?;
                joined(f, part, print)?;
                f.write_char(')')?;
            }
        }
    }
    Ok(())
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.selector, self.test)
    }
}

impl Display for Test {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Test::Compare(comparison) => comparison.fmt(f),
            Test::Is(Literal::Null) => f.write_str("IS NULL"),
            Test::Is(Literal::True) => f.write_str("IS TRUE"),
            Test::Is(Literal::False) => f.write_str("IS FALSE"),
            Test::NotExists => f.write_str("NOT EXISTS"),
        }
    }
}

impl Display for Comparison {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.op.as_str(), self.operand)
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Operand::Number(number) => number.fmt(f),
            Operand::Text(text) => quoted(f, text),
            Operand::Regex(regex) => regex.fmt(f),
        }
    }
}

impl Display for Column {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Column::Blank => Ok(()),
            Column::Ellipsis => f.write_str("..."),
            Column::Named(name) => name.fmt(f),
            Column::Tested { name, tests } => {
                joined(f, tests, &|f, comparison| write!(f, "{name} {comparison}"))
            }
        }
    }
}

/// `\"` and `\\` are the only escapes (filter pattern spec D-ESC).
fn quoted(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    f.write_char('"')
}
