//! The dialect that sqlparser reads: plain SQL, and `IS DISTINCT FROM` as an operator like any other.
//!
//! Deliberately not sqlparser's own DuckDB dialect, which reads much that no predicate has. Left to itself, sqlparser
//! takes all that follows `IS DISTINCT FROM` for its right side, `AND` and all; as an operator it ends where any other
//! comparison would.

use sqlparser::ast::BinaryOperator;
use sqlparser::dialect::Dialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Token, TokenWithSpan};

/// What predicates are written in.
#[derive(Debug)]
pub(super) struct PredicateDialect;

impl Dialect for PredicateDialect {
    fn is_identifier_start(&self, character: char) -> bool {
        character.is_alphabetic() || character == '_'
    }

    fn is_identifier_part(&self, character: char) -> bool {
        character.is_alphanumeric() || character == '_'
    }

    fn is_delimited_identifier_start(&self, character: char) -> bool {
        character == '"'
    }

    /// A word like NOT or CASE is never tried as a name after what it begins has failed: nested, every level would be
    /// tried twice, and one mistake within thirty levels would take minutes to tell.
    fn is_reserved_for_identifier(&self, _keyword: Keyword) -> bool {
        true
    }
}

/// A comparison of words, the sign that stands for it on its way through the parser, and what the parser makes of that.
struct Stand {
    words: &'static [Keyword],
    sign: Token,
    operator: BinaryOperator,
}

/// No predicate may have these signs of its own, see [`stands_for`].
static STANDS: [Stand; 2] = [
    Stand {
        words: &[Keyword::IS, Keyword::DISTINCT, Keyword::FROM],
        sign: Token::ExclamationMarkTilde,
        operator: BinaryOperator::PGRegexNotMatch,
    },
    Stand {
        words: &[Keyword::IS, Keyword::NOT, Keyword::DISTINCT, Keyword::FROM],
        sign: Token::Spaceship,
        operator: BinaryOperator::Spaceship,
    },
];

/// Puts the signs where the words were. Expects tokens without whitespace.
pub(super) fn with_stands(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let mut replaced = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some((first, after)) = rest.split_first() {
        let found = STANDS.iter().find_map(|s| after_words(rest, s.words).map(|after| (s, after)));
        let (token, after) = match found {
            Some((stand, after)) => (TokenWithSpan::new(stand.sign.clone(), first.span), after),
            None => (first.clone(), after),
        };
        replaced.push(token);
        rest = after;
    }
    replaced
}

/// Whether a token is one of the signs; then it must not come from the text itself.
pub(super) fn stands_for(token: &Token) -> Option<&'static str> {
    match token {
        Token::ExclamationMarkTilde => Some("IS DISTINCT FROM"),
        Token::Spaceship => Some("IS NOT DISTINCT FROM"),
        _ => None,
    }
}

/// Whether an operator is `IS DISTINCT FROM` (true) or its negation (false).
pub(super) fn distinguishes(operator: &BinaryOperator) -> Option<bool> {
    let stand = STANDS.iter().position(|stand| stand.operator == *operator)?;
    Some(stand == 0)
}

fn after_words<'t>(tokens: &'t [TokenWithSpan], words: &[Keyword]) -> Option<&'t [TokenWithSpan]> {
    let (candidates, after) = tokens.split_at_checked(words.len())?;
    let mut pairs = candidates.iter().zip(words);
    pairs.all(|(candidate, word)| is_keyword(&candidate.token, *word)).then_some(after)
}

/// Whether a token is this word, and not a name in quotes.
pub(super) fn is_keyword(token: &Token, keyword: Keyword) -> bool {
    match token {
        Token::Word(word) => word.quote_style.is_none() && word.keyword == keyword,
        _ => false,
    }
}
