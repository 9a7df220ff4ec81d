//! From text to sqlparser's tree: one expression and nothing after it, of bounded length and depth.
//!
//! Knows the words and signs of SQL, but neither columns nor types.

use sqlparser::ast::Expr;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::dialect::{PredicateDialect, is_keyword, stands_for, with_stands};
use super::interval::READABLE;
use super::place::BEGINNING;
use super::problem::SqlProblem;
use super::{DEPTH_MOST, TOKENS_MOST};

/// The expression that a text is.
pub(super) fn parse(sql: &str) -> Result<Expr, SqlProblem> {
    let tokens = tokens(sql)?;
    let end = tokens.last().map_or(BEGINNING, |token| token.span.end);
    look_over(&tokens)?;
    // The checker bounds the depth by what is written; this only keeps the parser from overflowing the stack.
    let parser = Parser::new(&PredicateDialect).with_recursion_limit(2 * DEPTH_MOST);
    let mut parser = parser.with_tokens_with_locations(with_stands(&tokens));
    match parser.parse_expr() {
        Ok(expr) => nothing_after(&parser.peek_token()).map(|()| expr),
        Err(error) => Err(syntax(error, placed(&parser.peek_token(), end), end)),
    }
}

/// The words and signs of a text.
fn tokens(sql: &str) -> Result<Vec<TokenWithSpan>, SqlProblem> {
    let mut tokenizer = Tokenizer::new(&PredicateDialect, sql);
    let mut tokens = tokenizer.tokenize_with_location().map_err(|error| {
        let message = lowercase_first(error.message.trim_end_matches('.'));
        SqlProblem::new(error.location, message)
    })?;
    if let Some(comment) = tokens.iter().find(|token| is_line_comment(&token.token)) {
        // YAML folds lines into one: the comment would silently swallow the rest of the predicate.
        let message =
            "a comment with `--` ends with its line, and a folded text has lost its lines";
        return Err(SqlProblem::new(comment.span.start, message).instead("write /* … */"));
    }
    tokens.retain(|token| !matches!(token.token, Token::Whitespace(_)));
    Ok(tokens)
}

fn is_line_comment(token: &Token) -> bool {
    matches!(token, Token::Whitespace(Whitespace::SingleLineComment { .. }))
}

/// What can be told before parsing.
fn look_over(tokens: &[TokenWithSpan]) -> Result<(), SqlProblem> {
    let Some(first) = tokens.first() else {
        return Err(SqlProblem::new(BEGINNING, "the predicate is empty")
            .instead("write a condition: departed_at IS NOT NULL"));
    };
    if starts_statement(&first.token) {
        let message = "a predicate is a condition, not a statement";
        return Err(SqlProblem::new(first.span.start, message)
            .instead("write only what would follow WHERE"));
    }
    if let Some(excess) = tokens.get(TOKENS_MOST) {
        let message = format!("the predicate has more than {TOKENS_MOST} words and signs");
        return Err(SqlProblem::new(excess.span.start, message));
    }
    stands(tokens)?;
    intervals(tokens)
}

fn starts_statement(token: &Token) -> bool {
    use Keyword::{DELETE, FROM, INSERT, SELECT, UPDATE, WHERE, WITH};
    let words = [SELECT, WHERE, WITH, FROM, INSERT, UPDATE, DELETE];
    words.into_iter().any(|word| is_keyword(token, word))
}

/// Signs that stand for words on their way through the parser must not come from the text.
fn stands(tokens: &[TokenWithSpan]) -> Result<(), SqlProblem> {
    let sign = tokens.iter().find_map(|t| stands_for(&t.token).map(|words| (t, words)));
    sign.map_or(Ok(()), |(sign, words)| {
        let message = format!("operator `{}` is not supported", sign.token);
        Err(SqlProblem::new(sign.span.start, message).instead(format!("write {words}")))
    })
}

/// sqlparser tries twice what follows INTERVAL: intervals within intervals would double its work at every level.
fn intervals(tokens: &[TokenWithSpan]) -> Result<(), SqlProblem> {
    for (first, second) in tokens.iter().zip(tokens.iter().skip(1)) {
        let is_literal = matches!(second.token, Token::SingleQuotedString(_) | Token::Number(..));
        if is_keyword(&first.token, Keyword::INTERVAL) && !is_literal {
            let problem = SqlProblem::new(second.span.start, "this is no interval");
            return Err(problem.instead(READABLE));
        }
    }
    Ok(())
}

fn nothing_after(token: &TokenWithSpan) -> Result<(), SqlProblem> {
    let problem = |message: &str, instead: &str| {
        Err(SqlProblem::new(token.span.start, message).instead(instead))
    };
    match &token.token {
        Token::EOF => Ok(()),
        Token::Comma => problem(
            "a predicate is one condition, and here begins another",
            "join them with AND or OR",
        ),
        Token::SemiColon => {
            problem("a predicate is a condition, not a statement", "leave out the `;`")
        }
        other => problem(
            &format!("`{other}` follows the end of the condition"),
            "join conditions with AND or OR",
        ),
    }
}

/// Where a token stands; the end of the text has no place of its own.
fn placed(token: &TokenWithSpan, end: Location) -> Location {
    if token.token == Token::EOF { end } else { token.span.start }
}

/// Puts the parser's mistake into our words; it writes its place into the message.
fn syntax(error: ParserError, reached: Location, end: Location) -> SqlProblem {
    let message = match error {
        ParserError::RecursionLimitExceeded => return too_deep(reached),
        ParserError::ParserError(message) | ParserError::TokenizerError(message) => message,
    };
    let (message, at) = split_place(&message).unwrap_or((&message, reached));
    let expectation = message.strip_prefix("Expected: ").and_then(|m| m.split_once(", found: "));
    let Some((wanted, found)) = expectation else {
        return SqlProblem::new(at, lowercase_first(message));
    };
    let is_sign = !wanted.contains(char::is_alphanumeric);
    let wanted = if is_sign { format!("`{wanted}`") } else { wanted.to_owned() };
    match found {
        "EOF" => SqlProblem::new(end, format!("expected {wanted}, found the end of the text")),
        found => SqlProblem::new(at, format!("expected {wanted}, found `{}`", in_words(found))),
    }
}

/// The problem of a predicate that nests too deep.
pub(super) fn too_deep(at: Location) -> SqlProblem {
    SqlProblem::new(at, format!("the predicate nests deeper than {DEPTH_MOST} levels"))
}

/// `… at Line: 1, Column: 5` without its end, and that end.
fn split_place(message: &str) -> Option<(&str, Location)> {
    let (message, place) = message.rsplit_once(" at Line: ")?;
    let (line, column) = place.split_once(", Column: ")?;
    Some((message, Location { line: line.parse().ok()?, column: column.parse().ok()? }))
}

/// What was written where the parser saw a sign that stands for it.
fn in_words(found: &str) -> &str {
    let signs = [Token::ExclamationMarkTilde, Token::Spaceship];
    let sign = signs.iter().find(|sign| sign.to_string() == found);
    sign.and_then(stands_for).unwrap_or(found)
}

fn lowercase_first(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_lowercase().collect::<String>());
    first.unwrap_or_default() + characters.as_str()
}
