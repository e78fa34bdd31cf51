//! Rows as a picture: five charts on one sheet, a colour for each simulation.

use super::Row;
use plotters::{coord::Shift, prelude::*};

/// Pixels of the sheet.
const SIZE: (u32, u32) = (1_200, 1_500);
/// Colours of the lines, told apart by readers who do not see all colours.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(86, 180, 233),
    RGBColor(90, 90, 90),
];
/// Most rows of a series that a picture is made of.
pub const MAX_ROWS: u64 = 20_000;
const FONT: &str = "sans-serif";

/// What plotters cannot draw.
pub type Problem = Box<dyn core::error::Error>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// The rows of a simulation and what it is called.
#[derive(Debug, Clone)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// How a row becomes a value.
type Value = fn(&Row) -> f64;

/// One chart: its title, what its axis says, its line, and a second, dashed line with what both are called.
struct Chart {
    title: &'static str,
    unit: &'static str,
    value: Value,
    dashed: Option<(&'static str, &'static str, Value)>,
}

#[expect(clippy::cast_precision_loss, reason = "pictures are for people")]
const CHARTS: [Chart; 5] = [
    Chart { title: "Base fee", unit: "gwei", value: |row| f64::from(row.base_fee) / 1e9, dashed: None },
    Chart {
        title: "Backlog, or what the large pool lacks",
        unit: "million gas",
        value: |row| row.backlog as f64 / 1e6,
        dashed: None,
    },
    Chart {
        title: "Gas used between two rows",
        unit: "million gas",
        value: |row| row.gas.total() as f64 / 1e6,
        dashed: None,
    },
    Chart {
        title: "Data between two rows",
        unit: "ether",
        value: |row| f64::from(row.data_paid) / 1e18,
        dashed: Some(("paid by users", "spent by posters", |row| f64::from(row.data_spent) / 1e18)),
    },
    Chart { title: "Surplus of fees for data", unit: "ether", value: surplus, dashed: None },
];

fn surplus(row: &Row) -> f64 {
    let magnitude = f64::from(row.surplus.unsigned_abs()) / 1e18;
    if row.surplus.is_negative() { -magnitude } else { magnitude }
}

/// The sheet as the text of an SVG file.
///
/// # Errors
/// Values no axis can hold.
pub fn svg(series: &[Series]) -> Result<String, Problem> {
    let mut text = String::new();
    let sheet = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
    sheet.fill(&WHITE)?;
    for (area, chart) in sheet.split_evenly((CHARTS.len(), 1)).iter().zip(&CHARTS) {
        draw(area, chart, series)?;
    }
    sheet.present()?;
    drop(sheet);
    Ok(text)
}

/// Bounds of both axes, with room above for the legend.
fn bounds(lines: &[Vec<(f64, f64)>]) -> (f64, f64, f64) {
    let all = || lines.iter().flatten();
    let last = all().map(|point| point.0).fold(0.01, f64::max);
    let lowest = all().map(|point| point.1).fold(0.0, f64::min);
    let highest = all().map(|point| point.1).fold(lowest + 1e-9, f64::max);
    let margin = (highest - lowest) / 8.0;
    (last, if lowest < 0.0 { lowest - margin } else { 0.0 }, highest + margin)
}

fn points(series: &Series, value: Value) -> Vec<(f64, f64)> {
    series.rows.iter().map(|row| (hours(row.time), value(row))).collect()
}

fn draw(area: &Area<'_>, chart: &Chart, series: &[Series]) -> Result<(), Problem> {
    let solid: Vec<_> = series.iter().map(|series| points(series, chart.value)).collect();
    let dashed: Vec<_> =
        chart.dashed.iter().flat_map(|(.., value)| series.iter().map(|one| points(one, *value))).collect();
    let (last, bottom, top) = bounds(&[solid.as_slice(), dashed.as_slice()].concat());
    let mut context = ChartBuilder::on(area)
        .caption(chart.title, (FONT, 20))
        .margin(12)
        .margin_right(250)
        .x_label_area_size(42)
        .y_label_area_size(100)
        .build_cartesian_2d(0.0..last, bottom..top)?;
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
    let mut legend = Vec::new();
    for (index, one) in series.iter().enumerate() {
        let colour = COLOURS[index % COLOURS.len()];
        context.draw_series(LineSeries::new(solid[index].iter().copied(), colour.stroke_width(2)))?;
        match chart.dashed {
            None => legend.push((one.name.clone(), colour, false)),
            Some((first, second, _)) => {
                let line = dashed[index].iter().copied();
                context.draw_series(DashedLineSeries::new(line, 6, 4, colour.stroke_width(1)))?;
                let name = |what: &str| if series.len() > 1 { format!("{}: {what}", one.name) } else { what.into() };
                legend.push((name(first), colour, false));
                legend.push((name(second), colour, true));
            }
        }
    }
    draw_legend(area, &legend)
}

/// The legend stands right of the chart, where no line runs.
fn draw_legend(area: &Area<'_>, entries: &[(String, RGBColor, bool)]) -> Result<(), Problem> {
    let left = i32::try_from(SIZE.0)? - 240;
    for (y, (name, colour, dashed)) in (44..).step_by(20).zip(entries) {
        let parts: &[(i32, i32)] = if *dashed { &[(0, 8), (12, 20), (24, 28)] } else { &[(0, 28)] };
        for (from, to) in parts {
            area.draw(&PathElement::new([(left + from, y), (left + to, y)], colour.stroke_width(2)))?;
        }
        area.draw(&Text::new(name.as_str(), (left + 36, y - 7), (FONT, 14).into_font()))?;
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "pictures are for people")]
const fn hours(seconds: u64) -> f64 {
    seconds as f64 / 3_600.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U256;

    #[test]
    fn a_sheet_has_titles_units_and_names() {
        let row = |time| Row { time, base_fee: U256::from(time * 1_000_000), ..Row::default() };
        let series =
            ["backlog", "dual-pool"].map(|name| Series { name: name.into(), rows: (1..90).map(row).collect() });
        let text = svg(&series).unwrap();
        for chart in &CHARTS {
            assert!(text.contains(chart.title) && text.contains(chart.unit), "{}", chart.title);
        }
        assert!(text.contains("dual-pool: spent by posters"));
        assert_eq!(text.matches("hours").count(), CHARTS.len());
    }
}
