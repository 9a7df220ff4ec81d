//! Predicates and rows made from a seed, as SQL text, so that another database can be asked the same questions.
//!
//! Every predicate reads at least one column and is one that both chunfeng and DuckDB accept. Deliberately knows
//! neither: whoever uses this compares their answers.

/// The columns of every row: their names and their types in SQL. `mode` is one of [`MODES`].
pub const COLUMNS: [(&str, &str); 6] = [
    ("departed_at", "TIMESTAMP"),
    ("returned_at", "TIMESTAMP"),
    ("trips", "BIGINT"),
    ("insured", "BOOLEAN"),
    ("local", "BOOLEAN"),
    ("mode", "VARCHAR"),
];

/// The values of the label column `mode`, in the order of its list.
pub const MODES: [&str; 3] = ["air", "rail", "bus"];

/// A predicate and a row to ask it of.
#[derive(Clone, Debug)]
pub struct Case {
    /// The predicate.
    pub sql: String,
    /// For each of [`COLUMNS`] its name and its value as an SQL literal; `None` is NULL.
    pub row: Vec<(&'static str, Option<String>)>,
}

/// So many cases; the same seed yields the same cases.
pub fn cases(seed: u64, count: usize) -> Vec<Case> {
    let mut maker = Maker { state: seed };
    (0..count).map(|_| maker.case()).collect()
}

/// The generator: SplitMix64, and one method for each type of expression.
struct Maker {
    state: u64,
}

impl Maker {
    fn case(&mut self) -> Case {
        let depth = 1 + self.below(4);
        let mut sql = self.condition(depth);
        while !COLUMNS.iter().any(|(name, _)| sql.to_lowercase().contains(name)) {
            sql = self.condition(depth);
        }
        Case { sql, row: self.row() }
    }

    fn row(&mut self) -> Vec<(&'static str, Option<String>)> {
        let literals = [
            self.time_literal(),
            self.time_literal(),
            self.integer_literal(),
            self.truth_literal(),
            self.truth_literal(),
            self.label_literal(),
        ];
        let names = COLUMNS.iter().map(|(name, _)| *name);
        names.zip(literals).map(|(name, literal)| (name, self.unless_null(literal))).collect()
    }

    fn unless_null(&mut self, literal: String) -> Option<String> {
        (self.below(4) > 0).then_some(literal)
    }

    /// Anything that is true, false or NULL, without parentheses around it.
    fn condition(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.bare_condition();
        }
        let depth = depth - 1;
        match self.below(9) {
            0 => format!("{} AND {}", self.conjunct(depth), self.conjunct(depth)),
            1 => format!("{} OR {}", self.disjunct(depth), self.disjunct(depth)),
            2 => self.condition_chain(depth),
            3 => format!("NOT {}", self.enclosed(depth)),
            4 => format!("NOT {}", self.test(depth)),
            5 => format!("{} IS {}{}", self.enclosed(depth), self.not(), self.truth_name()),
            _ => self.test(depth),
        }
    }

    /// Three conditions whose grouping is left to precedence.
    fn condition_chain(&mut self, depth: usize) -> String {
        let [a, b, c] = [(); 3].map(|()| self.test(depth));
        let [first, second] = [(); 2].map(|()| self.pick(&["AND", "OR", "AND NOT", "OR NOT"]));
        format!("{a} {first} {b} {second} {c}")
    }

    fn conjunct(&mut self, depth: usize) -> String {
        if self.below(2) == 0 { self.test(depth) } else { self.enclosed(depth) }
    }

    /// `AND` binds closer than `OR`, so here it needs no parentheses.
    fn disjunct(&mut self, depth: usize) -> String {
        if self.below(3) > 0 {
            return self.conjunct(depth);
        }
        format!("{} AND {}", self.conjunct(depth), self.conjunct(depth))
    }

    fn enclosed(&mut self, depth: usize) -> String {
        match self.below(5) {
            0 => self.pick(&["insured", "\"local\"", "TRUE", "NULL"]).to_owned(),
            _ => format!("({})", self.condition(depth)),
        }
    }

    fn bare_condition(&mut self) -> String {
        let columns = ["insured", "local", "INSURED", "\"local\"", "\"Insured\""];
        match self.below(10) {
            0 => "NULL".to_owned(),
            1 => self.truth_literal(),
            2..5 => self.test(0),
            _ => self.pick(&columns).to_owned(),
        }
    }

    /// One comparison or question about values of any type.
    fn test(&mut self, depth: usize) -> String {
        match self.below(4) {
            0 => self.ordered_test(Maker::time, depth),
            1 => self.ordered_test(Maker::integer, depth),
            2 => self.ordered_test(Maker::truth, depth),
            _ => self.label_test(depth),
        }
    }

    fn ordered_test(&mut self, operand: fn(&mut Maker, usize) -> String, depth: usize) -> String {
        let first = operand(self, depth);
        match self.below(8) {
            0 => format!("{first} IS {}NULL", self.not()),
            1 => format!("{first} IS {}DISTINCT FROM {}", self.not(), operand(self, depth)),
            2 => {
                let (not, low, high) = (self.not(), operand(self, depth), operand(self, depth));
                format!("{first} {not}BETWEEN {low} AND {high}")
            }
            3 => {
                let list = self.list(operand, depth);
                format!("{first} {}IN ({list})", self.not())
            }
            _ => {
                let operator = self.pick(&["=", "<>", "!=", "<", "<=", ">", ">="]);
                format!("{first} {operator} {}", operand(self, depth))
            }
        }
    }

    /// Labels have no order, and one side must tell which column's labels they are.
    fn label_test(&mut self, depth: usize) -> String {
        let first = self.label_of_column(depth);
        match self.below(5) {
            0 => format!("{first} IS {}NULL", self.not()),
            1 => format!("{first} IS {}DISTINCT FROM {}", self.not(), self.label(depth)),
            2 => {
                let list = self.list(Maker::label, depth);
                format!("{first} {}IN ({list})", self.not())
            }
            3 => format!("{} {} {first}", self.label(depth), self.pick(&["=", "<>", "!="])),
            _ => format!("{first} {} {}", self.pick(&["=", "<>", "!="]), self.label(depth)),
        }
    }

    fn list(&mut self, operand: fn(&mut Maker, usize) -> String, depth: usize) -> String {
        let count = 1 + self.below(4);
        let elements: Vec<String> = (0..count).map(|_| operand(self, depth.min(1))).collect();
        elements.join(", ")
    }

    fn truth(&mut self, depth: usize) -> String {
        match self.below(6) {
            0 if depth > 0 => format!("({})", self.condition(depth - 1)),
            1 => self.truth_literal(),
            2 => "NULL".to_owned(),
            3 if depth > 0 => self.choice(Maker::truth, depth - 1),
            _ => self.pick(&["insured", "local"]).to_owned(),
        }
    }

    fn integer(&mut self, depth: usize) -> String {
        match self.below(8) {
            0 => "NULL".to_owned(),
            1..4 => self.integer_literal(),
            4 if depth > 0 => self.choice(Maker::integer, depth - 1),
            _ => "trips".to_owned(),
        }
    }

    fn time(&mut self, depth: usize) -> String {
        match self.below(8) {
            0 => "NULL".to_owned(),
            1 => self.time_literal(),
            2 | 3 => self.shifted_time(depth),
            4 if depth > 0 => self.choice(Maker::time, depth - 1),
            _ => self.time_column().to_owned(),
        }
    }

    /// A time plus or minus an interval; DuckDB does not take a bare NULL for a time here.
    fn shifted_time(&mut self, depth: usize) -> String {
        let time = match self.below(4) {
            0 if depth > 0 => self.shifted_time(depth - 1),
            1 => self.time_literal(),
            2 if depth > 0 => {
                format!("COALESCE({}, {})", self.time_column(), self.time(depth - 1))
            }
            _ => self.time_column().to_owned(),
        };
        let interval = self.interval();
        match self.below(5) {
            0 => format!("{interval} + ({time})"),
            1 => format!("({time} - {interval})"),
            2 => format!("{time} - {interval}"),
            _ => format!("{time} + {interval}"),
        }
    }

    fn interval(&mut self) -> String {
        let count = self.below(4);
        let unit = self.pick(&["second", "minute", "hour", "day", "week"]);
        match self.below(6) {
            0 => format!("INTERVAL {count} {}", unit.to_uppercase()),
            1 => format!("INTERVAL {count} {unit}s"),
            2 => format!("INTERVAL '{count}' {unit}"),
            3 => format!("INTERVAL '-{count} {unit}s'"),
            4 => format!("INTERVAL '1 day {count} {unit}'"),
            _ => format!("INTERVAL '{count} {unit}s'"),
        }
    }

    /// Any label; what it is only becomes clear beside [`Maker::label_of_column`].
    fn label(&mut self, depth: usize) -> String {
        match self.below(8) {
            0 => "NULL".to_owned(),
            1 if depth > 0 => self.choice(Maker::label, depth - 1),
            2 => self.label_of_column(depth),
            _ => self.label_literal(),
        }
    }

    fn label_of_column(&mut self, depth: usize) -> String {
        match self.below(6) {
            0 if depth > 0 => format!("COALESCE(mode, {})", self.label(depth - 1)),
            1 if depth > 0 => {
                let (condition, label) = (self.condition(depth - 1), self.label(depth - 1));
                format!("CASE WHEN {condition} THEN {label} ELSE mode END")
            }
            _ => "mode".to_owned(),
        }
    }

    /// `COALESCE` or `CASE` among values of one type.
    fn choice(&mut self, value: fn(&mut Maker, usize) -> String, depth: usize) -> String {
        let (first, second) = (value(self, depth), value(self, depth));
        let otherwise = match self.below(2) {
            0 => String::new(),
            _ => format!(" ELSE {}", value(self, depth)),
        };
        match self.below(5) {
            0 | 1 => format!("COALESCE({first}, {second})"),
            2 => {
                let (one, other) = (self.condition(depth), self.condition(depth));
                format!("CASE WHEN {one} THEN {first} WHEN {other} THEN {second}{otherwise} END")
            }
            3 => {
                let (one, other) = (self.integer(depth), self.integer(depth));
                format!(
                    "CASE trips WHEN {one} THEN {first} WHEN {other} THEN {second}{otherwise} END"
                )
            }
            _ => {
                let (one, other) = (self.label_literal(), self.label(depth));
                format!(
                    "CASE mode WHEN {one} THEN {first} WHEN {other} THEN {second}{otherwise} END"
                )
            }
        }
    }

    fn time_column(&mut self) -> &'static str {
        self.pick(&["departed_at", "returned_at", "Returned_At"])
    }

    /// Times lie close together, so that comparisons go either way.
    fn time_literal(&mut self) -> String {
        let (day, hour) = (1 + self.below(3), 12 * self.below(2));
        match self.below(8) {
            0 => format!("TIMESTAMP '2022-02-{day:02}'"),
            1 => format!("TIMESTAMP '2022-02-{day:02}T{hour:02}:00:00'"),
            _ => format!("TIMESTAMP '2022-02-{day:02} {hour:02}:00:00'"),
        }
    }

    fn integer_literal(&mut self) -> String {
        match self.below(12) {
            0 => i64::MAX.to_string(),
            1 => "-9223372036854775807".to_owned(),
            number => (number as i64 % 4 - 1).to_string(),
        }
    }

    fn truth_literal(&mut self) -> String {
        self.pick(&["TRUE", "FALSE"]).to_owned()
    }

    fn label_literal(&mut self) -> String {
        format!("'{}'", self.pick(&MODES))
    }

    fn truth_name(&mut self) -> &'static str {
        self.pick(&["TRUE", "FALSE", "UNKNOWN", "NULL"])
    }

    fn not(&mut self) -> &'static str {
        self.pick(&["", "NOT "])
    }

    fn pick(&mut self, options: &[&'static str]) -> &'static str {
        options[self.below(options.len())]
    }

    fn below(&mut self, bound: usize) -> usize {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }
}
