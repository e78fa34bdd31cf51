//! A sheet of pixels that plotters draws on, as a PNG file.
//!
//! Edges of lines are smooth: a pixel takes as much of a colour as the line covers of it. Text is made of the pixels of
//! [`letters`], because plotters' own would look for the file of a font on the machine.

mod letters;

use core::{convert::Infallible, ops::Range};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    text_anchor::{HPos, Pos, VPos},
};

/// Red, green and blue of each pixel, line by line from the upper left corner.
pub(super) struct Bitmap {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl Bitmap {
    /// A white sheet.
    pub(super) fn white((width, height): (u32, u32)) -> Self {
        let bytes = 3 * u64::from(width) * u64::from(height);
        Self { width, height, pixels: vec![u8::MAX; usize::try_from(bytes).unwrap_or(usize::MAX)] }
    }

    /// The sheet as the bytes of a PNG file.
    pub(super) fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(file)
    }

    /// The three bytes of a pixel, if it is on the sheet.
    fn pixel(&mut self, (x, y): BackendCoord) -> Option<&mut [u8]> {
        let within = |at: i32, end: u32| u32::try_from(at).ok().filter(|at| *at < end).map(u64::from);
        let (x, y) = (within(x, self.width)?, within(y, self.height)?);
        let first = usize::try_from(3 * (y * u64::from(self.width) + x)).ok()?;
        self.pixels.get_mut(first..first + 3)
    }

    /// Lays a colour over a share of a pixel.
    fn cover(&mut self, point: BackendCoord, colour: BackendColor, share: f64) {
        let share = share * colour.alpha;
        if share > 0.0
            && let Some(pixel) = self.pixel(point)
        {
            let (red, green, blue) = colour.rgb;
            for (below, above) in pixel.iter_mut().zip([red, green, blue]) {
                *below = mixed(*below, above, share);
            }
        }
    }

    /// A line with round ends.
    fn stroke(&mut self, from: BackendCoord, to: BackendCoord, width: u32, colour: BackendColor) {
        // The middle of a line of even width is a border of pixels, so that its edges are borders too.
        let middle = if width.is_multiple_of(2) { 0.5 } else { 0.0 };
        let rows = near(from.1, to.1, width, self.height);
        for x in near(from.0, to.0, width, self.width) {
            for y in rows.clone() {
                let centre = (f64::from(x) + middle, f64::from(y) + middle);
                let beyond = distance(centre, from, to) - f64::from(width) / 2.0;
                self.cover((x, y), colour, (0.5 - beyond).clamp(0.0, 1.0));
            }
        }
    }
}

/// Pixels of one axis, within the sheet, that a line between two of them can touch.
fn near(one: i32, other: i32, width: u32, sheet: u32) -> Range<i32> {
    let reach = i32::try_from(width / 2 + 1).unwrap_or(i32::MAX);
    let end = i32::try_from(sheet).unwrap_or(i32::MAX);
    one.min(other).saturating_sub(reach).max(0)..one.max(other).saturating_add(reach).saturating_add(1).min(end)
}

/// From a point to the nearest of those between two others.
fn distance(point: (f64, f64), from: BackendCoord, to: BackendCoord) -> f64 {
    let (left, top) = (f64::from(from.0), f64::from(from.1));
    let (run, rise) = (f64::from(to.0) - left, f64::from(to.1) - top);
    let (x, y) = (point.0 - left, point.1 - top);
    let square = run * run + rise * rise;
    let along = if square > 0.0 { ((x * run + y * rise) / square).clamp(0.0, 1.0) } else { 0.0 };
    (x - along * run).hypot(y - along * rise)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "lies between two bytes")]
fn mixed(below: u8, above: u8, share: f64) -> u8 {
    (f64::from(below) + (f64::from(above) - f64::from(below)) * share).round() as u8
}

/// How far the corner of a text lies from where it is anchored.
const fn corner(anchor: Pos, (width, height): (i32, i32)) -> (i32, i32) {
    let x = match anchor.h_pos {
        HPos::Left => 0,
        HPos::Center => -width / 2,
        HPos::Right => -width,
    };
    let y = match anchor.v_pos {
        VPos::Top => 0,
        VPos::Center => -height / 2,
        VPos::Bottom => -height,
    };
    (x, y)
}

impl DrawingBackend for &mut Bitmap {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, colour: BackendColor) -> Drawn {
        self.cover(point, colour, 1.0);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        if style.color().alpha > 0.0 {
            self.stroke(from, to, style.stroke_width(), style.color());
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let mut path = path.into_iter();
        let Some(mut from) = path.next() else { return Ok(()) };
        for to in path {
            // Points of long series fall together, and a line that is drawn again loses its smooth edge.
            if from != to {
                self.draw_line(from, to, style)?;
            }
            from = to;
        }
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let font = letters::font(style.size());
        let (x, y) = corner(style.anchor(), letters::size(font, text));
        for pixel in letters::pixels(font, text) {
            let (right, down) = style.transform().transform(x + pixel.x, y + pixel.y);
            self.cover((at.0 + right, at.1 + down), style.color(), 1.0);
        }
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let (width, height) = letters::size(letters::font(style.size()), text);
        Ok((width.unsigned_abs(), height.unsigned_abs()))
    }
}

#[cfg(test)]
mod tests;
