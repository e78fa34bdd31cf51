//! Rows as a picture: four charts on one sheet, a line for each simulation.

use super::Row;
use plotters::{coord::Shift, prelude::*};
use std::path::Path;

/// Pixels of the sheet.
const SIZE: (u32, u32) = (1_200, 1_300);
/// Colours of the lines, told apart by readers who do not see all colours.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];
const FONT: &str = "sans-serif";

type Problem = Box<dyn core::error::Error>;

/// The rows of a simulation and what it is called.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// One chart: its title, what its axis says, and how a row becomes a value.
struct Chart {
    title: &'static str,
    unit: &'static str,
    value: fn(&Row) -> f64,
}

#[expect(clippy::cast_precision_loss, reason = "pictures are for people")]
const CHARTS: [Chart; 4] = [
    Chart { title: "Base fee", unit: "gwei", value: |row| f64::from(row.base_fee) / 1e9 },
    Chart {
        title: "Backlog, or what the large pool lacks",
        unit: "million gas",
        value: |row| row.backlog as f64 / 1e6,
    },
    Chart { title: "Gas used in an interval", unit: "million gas", value: |row| row.gas_used as f64 / 1e6 },
    Chart { title: "Surplus of fees for data", unit: "ether", value: |row| surplus(row) },
];

fn surplus(row: &Row) -> f64 {
    let magnitude = f64::from(row.surplus.unsigned_abs()) / 1e18;
    if row.surplus.is_negative() { -magnitude } else { magnitude }
}

/// Draws an SVG file.
///
/// # Errors
/// A file that cannot be written.
pub fn svg(path: &Path, series: &[Series]) -> Result<(), Problem> {
    let sheet = SVGBackend::new(path, SIZE).into_drawing_area();
    sheet.fill(&WHITE)?;
    for (area, chart) in sheet.split_evenly((CHARTS.len(), 1)).iter().zip(&CHARTS) {
        draw(area, chart, series)?;
    }
    sheet.present()?;
    Ok(())
}

fn draw(area: &DrawingArea<SVGBackend<'_>, Shift>, chart: &Chart, series: &[Series]) -> Result<(), Problem> {
    let points = |series: &Series| -> Vec<(f64, f64)> {
        series.rows.iter().map(|row| (hours(row.time), (chart.value)(row))).collect()
    };
    let all: Vec<_> = series.iter().flat_map(points).collect();
    let last = all.iter().map(|point| point.0).fold(0.01, f64::max);
    let lowest = all.iter().map(|point| point.1).fold(0.0, f64::min);
    let highest = all.iter().map(|point| point.1).fold(lowest + 1e-9, f64::max);
    let margin = (highest - lowest) / 10.0;
    let bottom = if lowest < 0.0 { lowest - margin } else { 0.0 };
    let mut context = ChartBuilder::on(area)
        .caption(chart.title, (FONT, 20))
        .margin(12)
        .x_label_area_size(42)
        .y_label_area_size(90)
        .build_cartesian_2d(0.0..last, bottom..highest + margin)?;
    context
        .configure_mesh()
        .x_desc("hours")
        .y_desc(chart.unit)
        .axis_desc_style((FONT, 15))
        .label_style((FONT, 13))
        .x_labels(12)
        .y_labels(6)
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (series, colour) in series.iter().zip(COLOURS.iter().cycle()) {
        context
            .draw_series(LineSeries::new(points(series), colour.stroke_width(2)))?
            .label(&series.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 22, y)], colour.stroke_width(2)));
    }
    context
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.4))
        .label_font((FONT, 14))
        .draw()?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "pictures are for people")]
const fn hours(seconds: u64) -> f64 {
    seconds as f64 / 3_600.0
}
