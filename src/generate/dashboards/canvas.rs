//! How panels are laid out on a dashboard.

use serde_json::{Value, json};

/// Grafana's grid is so many columns wide.
const COLUMNS: u32 = 24;

/// Panels in reading order: each beside the one before while there is room, else below.
#[derive(Default)]
pub struct Canvas {
    panels: Vec<Value>,
    x: u32,
    y: u32,
    line_height: u32,
}

impl Canvas {
    /// Begins a section.
    pub fn section(&mut self, title: &str) {
        self.break_line();
        let row = json!({ "type": "row", "title": title, "collapsed": false, "panels": [] });
        self.place(COLUMNS, 1, row);
    }

    /// Puts a panel of this size where there is room.
    pub fn place(&mut self, width: u32, height: u32, mut panel: Value) {
        if self.x + width > COLUMNS {
            self.break_line();
        }
        panel["id"] = json!(self.panels.len() + 1);
        panel["gridPos"] = json!({ "x": self.x, "y": self.y, "w": width, "h": height });
        self.panels.push(panel);
        self.x += width;
        self.line_height = self.line_height.max(height);
    }

    /// Goes on below everything placed so far.
    pub fn break_line(&mut self) {
        self.y += self.line_height;
        self.x = 0;
        self.line_height = 0;
    }

    /// The panels, placed and numbered.
    pub fn finish(self) -> Vec<Value> {
        self.panels
    }
}
