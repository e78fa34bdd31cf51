//! Rows as a picture: five charts on one sheet, a colour for each simulation.

mod bitmap;

use super::Row;
use bitmap::Bitmap;
use plotters::{coord::Shift, data::float::FloatPrettyPrinter, prelude::*};
use std::path::Path;

/// Pixels of the sheet without its legend, and of a line of the legend.
const SIZE: (u32, u32) = (1_100, 1_400);
const LEGEND_LINE: u32 = 22;
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
type Area<B> = DrawingArea<B, Shift>;

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

/// One chart: its title, what its axis says, its line, and a second, dashed line.
struct Chart {
    title: &'static str,
    unit: &'static str,
    value: Value,
    dashed: Option<Value>,
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
        title: "Data between two rows: paid by users (line), spent by posters (dashes)",
        unit: "ether",
        value: |row| f64::from(row.data_paid) / 1e18,
        dashed: Some(|row| f64::from(row.data_spent) / 1e18),
    },
    Chart { title: "Surplus of fees for data", unit: "ether", value: surplus, dashed: None },
];

fn surplus(row: &Row) -> f64 {
    let magnitude = f64::from(row.surplus.unsigned_abs()) / 1e18;
    if row.surplus.is_negative() { -magnitude } else { magnitude }
}

/// The kinds of files a sheet can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Lines and text, to be drawn at any size.
    Svg,
    /// Pixels.
    Png,
}

impl Format {
    /// What the end of a file's name asks for.
    #[must_use]
    pub fn named(file: &Path) -> Option<Self> {
        let ending = file.extension()?;
        let (svg, png) = (ending.eq_ignore_ascii_case("svg"), ending.eq_ignore_ascii_case("png"));
        if svg { Some(Self::Svg) } else { png.then_some(Self::Png) }
    }

    /// The bytes of a file with the sheet.
    ///
    /// # Errors
    /// Values no axis can hold.
    pub fn draw(self, series: &[Series]) -> Result<Vec<u8>, Problem> {
        let legend = LEGEND_LINE * (u32::try_from(series.len())? + 1);
        let size = (SIZE.0, SIZE.1 + legend);
        match self {
            Self::Svg => {
                let mut text = String::new();
                draw_sheet(SVGBackend::with_string(&mut text, size), legend, series)?;
                Ok(text.into_bytes())
            }
            Self::Png => {
                let mut bitmap = Bitmap::white(size);
                draw_sheet(&mut bitmap, legend, series)?;
                Ok(bitmap.png()?)
            }
        }
    }
}

fn draw_sheet<B>(backend: B, legend: u32, series: &[Series]) -> Result<(), Problem>
where
    B: DrawingBackend<ErrorType: 'static>,
{
    let sheet = backend.into_drawing_area();
    sheet.fill(&WHITE)?;
    let (top, charts) = sheet.split_vertically(legend);
    draw_legend(&top, series)?;
    for (area, chart) in charts.split_evenly((CHARTS.len(), 1)).iter().zip(&CHARTS) {
        draw_chart(area, chart, series)?;
    }
    sheet.present()?;
    Ok(())
}

/// Names stand above all charts, where no line runs.
fn draw_legend<B>(area: &Area<B>, series: &[Series]) -> Result<(), Problem>
where
    B: DrawingBackend<ErrorType: 'static>,
{
    let step = usize::try_from(LEGEND_LINE)?;
    let lines = series.iter().zip(COLOURS.iter().cycle());
    for (y, (index, (one, colour))) in (16..).step_by(step).zip(lines.enumerate()) {
        let stroke = colour.stroke_width(width(index, series.len()));
        area.draw(&PathElement::new([(112, y), (146, y)], stroke))?;
        area.draw(&Text::new(one.name.as_str(), (156, y - 8), (FONT, 16).into_font()))?;
    }
    Ok(())
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

/// Lines that are drawn first are wider: where others run over them they can still be seen.
fn width(index: usize, lines: usize) -> u32 {
    let above = u32::try_from(lines.saturating_sub(index + 1)).unwrap_or(0);
    2 + 2 * above.min(3)
}

fn draw_chart<B>(area: &Area<B>, chart: &Chart, series: &[Series]) -> Result<(), Problem>
where
    B: DrawingBackend<ErrorType: 'static>,
{
    let lines = |value: Value| series.iter().map(move |one| points(one, value));
    let solid: Vec<_> = lines(chart.value).collect();
    let dashed: Vec<_> = chart.dashed.into_iter().flat_map(lines).collect();
    let (last, bottom, top) = bounds(&[solid.as_slice(), dashed.as_slice()].concat());
    let mut context = ChartBuilder::on(area)
        .caption(chart.title, (FONT, 20))
        .margin(12)
        .margin_right(28)
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
        .y_label_formatter(&label)
        .light_line_style(TRANSPARENT)
        .draw()?;
    for (index, (line, colour)) in solid.into_iter().zip(COLOURS.iter().cycle()).enumerate() {
        context.draw_series(LineSeries::new(line, colour.stroke_width(width(index, series.len()))))?;
    }
    for (line, colour) in dashed.into_iter().zip(COLOURS.iter().cycle()) {
        context.draw_series(DashedLineSeries::new(line, 6, 4, colour.stroke_width(1)))?;
    }
    Ok(())
}

/// Beside the axis is room for nine digits.
fn label(value: &f64) -> String {
    FloatPrettyPrinter { allow_scientific: value.abs() >= 1e9, min_decimal: 1, max_decimal: 5 }.print(*value)
}

#[expect(clippy::cast_precision_loss, reason = "pictures are for people")]
const fn hours(seconds: u64) -> f64 {
    seconds as f64 / 3_600.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::U256;

    /// Ninety rows of two simulations.
    fn two() -> [Series; 2] {
        let row = |time| Row { time, base_fee: U256::from(time * 1_000_000), ..Row::default() };
        ["backlog", "dual-pool"].map(|name| Series { name: name.into(), rows: (1..90).map(row).collect() })
    }

    #[test]
    fn a_sheet_has_titles_units_and_names() {
        let text = String::from_utf8(Format::Svg.draw(&two()).unwrap()).unwrap();
        for chart in &CHARTS {
            assert!(text.contains(chart.title) && text.contains(chart.unit), "{}", chart.title);
        }
        assert!(text.contains("dual-pool"));
        assert_eq!(text.matches("hours").count(), CHARTS.len());
    }

    #[test]
    fn a_sheet_of_pixels_has_lines_and_text() {
        let file = Format::Png.draw(&two()).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height), (SIZE.0, SIZE.1 + 3 * LEGEND_LINE));
        let has = |RGBColor(red, green, blue)| pixels.chunks(3).filter(|pixel| *pixel == [red, green, blue]).count();
        assert!(has(COLOURS[0]) > 500 && has(COLOURS[1]) > 500 && has(COLOURS[2]) == 0);
        assert!(has(BLACK) > 5_000, "text and axes");
    }

    #[test]
    fn labels_fit_beside_their_axis() {
        assert_eq!([0.0, -0.015, 640_000_000.0].map(|value| label(&value)), ["0.0", "-0.015", "640000000.0"]);
        for value in [2e9, 1.234_567_890_123e21, f64::from(U256::MAX)] {
            assert!(label(&value).len() <= 11, "{}", label(&value));
        }
    }

    #[test]
    fn names_of_files_say_what_is_drawn() {
        let format = |name: &str| Format::named(Path::new(name));
        assert_eq!((format("a.svg"), format("b/c.PNG")), (Some(Format::Svg), Some(Format::Png)));
        assert_eq!((format("a.gif"), format("png")), (None, None));
    }
}
