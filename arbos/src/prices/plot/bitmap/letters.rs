//! Letters as pixels: the fixed fonts of X11, which are in the public domain. Letters beyond ASCII become question marks.

use embedded_graphics::{
    image::GetPixel,
    mono_font::{
        MonoFont,
        ascii::{FONT_7X13, FONT_9X15, FONT_10X20},
    },
    pixelcolor::BinaryColor,
    prelude::{OriginDimensions, Point, PointsIter, Size},
    primitives::Rectangle,
};

pub(super) type Font = &'static MonoFont<'static>;

/// From the smallest.
const FONTS: [Font; 3] = [&FONT_7X13, &FONT_9X15, &FONT_10X20];

/// The largest font whose lines are no higher than a size, or else the smallest.
pub(super) fn font(size: f64) -> Font {
    let fits = |font: &Font| f64::from(font.character_size.height) <= size;
    FONTS.into_iter().rev().find(fits).unwrap_or(FONTS[0])
}

/// Width and height of a line of text.
pub(super) fn size(font: Font, text: &str) -> (i32, i32) {
    let letters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let pixels = |length| i32::try_from(length).unwrap_or(i32::MAX);
    (pixels(font.character_size.width.saturating_mul(letters)), pixels(font.character_size.height))
}

/// The pixels of a line of text, counted from its upper left corner.
pub(super) fn pixels(font: Font, text: &str) -> impl Iterator<Item = Point> {
    let pen = core::iter::successors(Some(Point::zero()), |pen| Some(*pen + font.character_size.x_axis()));
    pen.zip(text.chars()).flat_map(move |(pen, letter)| glyph(font, letter).map(move |pixel| pen + pixel))
}

/// The pixels of a letter: the font is one image with lines of letters.
fn glyph(font: Font, letter: char) -> impl Iterator<Item = Point> {
    let Size { width, height } = font.character_size;
    let letters_in_line = font.image.size().width / width;
    let index = u32::try_from(font.glyph_mapping.index(letter)).unwrap_or(0);
    let corner = Point::zero() + Size::new(index % letters_in_line * width, index / letters_in_line * height);
    let cell = Rectangle::new(Point::zero(), font.character_size);
    cell.points().filter(move |pixel| font.image.pixel(corner + *pixel) == Some(BinaryColor::On))
}
