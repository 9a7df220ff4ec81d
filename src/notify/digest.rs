//! Alerts as one message, the gravest first, cut between alerts where a robot takes no more.

use super::call::{Alert, Severity, Status};

/// A message as robots take it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Message {
    /// One line.
    pub title: String,
    /// The text, in the markdown that all of them know: bold and links.
    pub text: String,
    /// The gravest that fires; `None` where all has resolved.
    pub severity: Option<Severity>,
}

/// In which language people are told.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Language {
    /// Chinese.
    Chinese,
    /// English.
    English,
    /// Both, Chinese first.
    #[default]
    Both,
}

/// What links in annotations begin with where they are paths.
#[derive(Clone, Default, Debug)]
pub struct Links {
    /// Grafana's address.
    pub grafana: Option<String>,
    /// Where the repository's `docs/` can be read.
    pub runbooks: Option<String>,
}

/// One message of at most so many bytes; the title counts.
pub fn digest(alerts: &[Alert], language: Language, links: &Links, bytes_most: usize) -> Message {
    let mut alerts: Vec<&Alert> = alerts.iter().collect();
    alerts.sort_by_key(|alert| (alert.status, alert.severity()));
    let severity = alerts.first().filter(|alert| alert.status == Status::Firing);
    let severity = severity.map(|alert| alert.severity());
    let title = title(&alerts, language);
    let mut text = String::new();
    for (place, alert) in alerts.iter().enumerate() {
        let paragraph = paragraph(alert, language, links);
        let rest = alerts.len() - place;
        let room = bytes_most.saturating_sub(title.len() + text.len() + more(rest).len());
        if paragraph.len() > room {
            text.push_str(&more(rest));
            break;
        }
        text.push_str(&paragraph);
    }
    Message { title, text: text.trim_end().to_owned(), severity }
}

fn title(alerts: &[&Alert], language: Language) -> String {
    let firing = alerts.iter().filter(|alert| alert.status == Status::Firing).count();
    let resolved = alerts.len() - firing;
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if firing > 0 {
        zh.push(format!("{firing} 条告警"));
        en.push(format!("{firing} firing"));
    }
    if resolved > 0 {
        zh.push(format!("{resolved} 条恢复"));
        en.push(format!("{resolved} resolved"));
    }
    let (zh, en) = (zh.join("，"), en.join(", "));
    format!("春风 {}", in_language(language, &zh, &en))
}

fn paragraph(alert: &Alert, language: Language, links: &Links) -> String {
    let (zh, en) = match (alert.status, alert.severity()) {
        (Status::Resolved, _) => ("恢复", "resolved"),
        (Status::Firing, Severity::Critical) => ("严重", "critical"),
        (Status::Firing, Severity::Warning) => ("警告", "warning"),
        (Status::Firing, Severity::Info) => ("提示", "info"),
    };
    let told = |mark: &str, names| format!("**[{mark}]** {}", plain(alert.says(names)));
    let zh = told(zh, ["summary_zh", "summary"]);
    let en = told(en, ["summary_en", "summary"]);
    let summary = match language {
        Language::Chinese => zh,
        Language::English => en,
        Language::Both => format!("{zh}\n{en}"),
    };
    let linked = |name: &str, base: &Option<String>, text: String| {
        let path = alert.annotations.get(name).filter(|_| alert.status == Status::Firing)?;
        let url = match (path.contains("://"), base) {
            (true, _) => path.clone(),
            (false, Some(base)) => {
                format!("{}/{}", base.trim_end_matches('/'), path.trim_start_matches('/'))
            }
            (false, None) => return None,
        };
        Some(format!("[{text}]({url})"))
    };
    let links = [
        linked("dashboard", &links.grafana, in_language(language, "看板", "Dashboard")),
        linked("runbook_url", &links.runbooks, in_language(language, "处置", "What to do")),
    ];
    let links: Vec<String> = links.into_iter().flatten().collect();
    match links.is_empty() {
        true => format!("{summary}\n\n"),
        false => format!("{summary}\n{}\n\n", links.join(" ")),
    }
}

fn more(alerts: usize) -> String {
    format!("… 另有 {alerts} 条 / and {alerts} more")
}

fn in_language(language: Language, zh: &str, en: &str) -> String {
    match language {
        Language::Chinese => zh.to_owned(),
        Language::English => en.to_owned(),
        Language::Both => format!("{zh} {en}"),
    }
}

/// What others typed, so that it means nothing to a robot: a feed's name may hold a link, a mention or a colour.
fn plain(text: &str) -> String {
    let harmless = |character| match character {
        '<' => '＜',
        '>' => '＞',
        '[' => '［',
        ']' => '］',
        '*' => '＊',
        '`' => '｀',
        '@' => '＠',
        '\n' | '\r' => ' ',
        other => other,
    };
    text.chars().map(harmless).collect()
}
