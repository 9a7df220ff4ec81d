//! Where an expression begins in the text.
//!
//! sqlparser's own `Spanned` recurses into every operand, so a long chain of operators would overflow the stack; this
//! walks down the left edge in a loop. Parentheses, `NOT` and `INTERVAL` have left no place of their own in the tree:
//! they begin where their content does.

use sqlparser::ast::{Array, Expr, ObjectName, ObjectNamePart, Spanned};
use sqlparser::tokenizer::{Location, Span};

/// The beginning of the text.
pub(super) const BEGINNING: Location = Location { line: 1, column: 1 };

/// Where an expression begins, as far as the tree knows.
pub(super) fn start(mut expr: &Expr) -> Option<Location> {
    while let Some(left) = leftmost(expr) {
        expr = left;
    }
    let span = match expr {
        Expr::Identifier(ident) => ident.span,
        Expr::CompoundIdentifier(parts) => parts.first()?.span,
        Expr::Value(value) => value.span,
        Expr::TypedString(typed) => typed.value.span,
        Expr::Function(function) => name(&function.name)?,
        Expr::Case { case_token, .. } => case_token.0.span,
        Expr::Wildcard(token) => token.0.span,
        Expr::QualifiedWildcard(table, _) => name(table)?,
        _ => Span::empty(),
    };
    (span.start.line > 0).then_some(span.start)
}

/// The part of an expression that begins where the expression does.
fn leftmost(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::BinaryOp { left, .. } | Expr::AnyOp { left, .. } | Expr::AllOp { left, .. } => {
            Some(left)
        }
        Expr::IsNull(inner) | Expr::IsNotNull(inner) | Expr::IsTrue(inner) => Some(inner),
        Expr::IsNotTrue(inner) | Expr::IsFalse(inner) | Expr::IsNotFalse(inner) => Some(inner),
        Expr::IsUnknown(inner) | Expr::IsNotUnknown(inner) | Expr::Nested(inner) => Some(inner),
        Expr::InList { expr, .. } | Expr::InSubquery { expr, .. } | Expr::InUnnest { expr, .. } => {
            Some(expr)
        }
        Expr::Between { expr, .. } | Expr::IsNormalized { expr, .. } => Some(expr),
        Expr::Like { expr, .. } | Expr::ILike { expr, .. } => Some(expr),
        Expr::SimilarTo { expr, .. } | Expr::RLike { expr, .. } => Some(expr),
        Expr::Cast { expr, .. } | Expr::Convert { expr, .. } | Expr::Collate { expr, .. } => {
            Some(expr)
        }
        Expr::Extract { expr, .. } | Expr::Ceil { expr, .. } | Expr::Floor { expr, .. } => {
            Some(expr)
        }
        Expr::Position { expr, .. } | Expr::Substring { expr, .. } | Expr::Trim { expr, .. } => {
            Some(expr)
        }
        Expr::Overlay { expr, .. } | Expr::UnaryOp { expr, .. } => Some(expr),
        Expr::AtTimeZone { timestamp, .. } => Some(timestamp),
        Expr::JsonAccess { value, .. } | Expr::Prefixed { value, .. } => Some(value),
        Expr::CompoundFieldAccess { root, .. } => Some(root),
        Expr::Interval(interval) => Some(&interval.value),
        Expr::Tuple(elements) | Expr::Array(Array { elem: elements, .. }) => elements.first(),
        _ => None,
    }
}

fn name(name: &ObjectName) -> Option<Span> {
    name.0.first().map(ObjectNamePart::span)
}
