//! What is drawn on a sheet of pixels, and that its file holds the same.

use super::*;
use plotters::{
    prelude::{BLACK, Color, FontTransform, IntoFont, TRANSPARENT},
    style::TextStyle,
};

/// Places of the pixels that are not white.
fn drawn(draw: impl FnOnce(&mut &mut Bitmap) -> Drawn) -> Vec<BackendCoord> {
    let mut bitmap = Bitmap::white((100, 80));
    draw(&mut &mut bitmap).expect("drawing does not fail");
    let places = (0..80).flat_map(|y| (0..100).map(move |x| (x, y)));
    places.zip(bitmap.pixels.chunks(3)).filter(|(_, pixel)| *pixel != [255; 3]).map(|(place, _)| place).collect()
}

fn text(turn: FontTransform, anchor: Pos) -> Vec<BackendCoord> {
    let style = TextStyle::from(("sans-serif", 13).into_font().transform(turn)).pos(anchor);
    drawn(|sheet| sheet.draw_text("hours", &style, (50, 40)))
}

#[test]
fn a_file_holds_size_and_pixels_of_the_sheet() {
    let mut bitmap = Bitmap::white((7, 3));
    (&mut bitmap).draw_line((1, 1), (4, 1), &BLACK).unwrap();
    let file = bitmap.png().unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.width, info.height, info.color_type), (7, 3, png::ColorType::Rgb));
    assert_eq!(pixels, bitmap.pixels);
    let black: Vec<_> = pixels.chunks(3).map(|pixel| u8::from(pixel == [0; 3])).collect();
    assert_eq!(black, [[0; 7], [0, 1, 1, 1, 1, 0, 0], [0; 7]].concat());
}

#[test]
fn text_lies_where_it_is_anchored() {
    let upright = text(FontTransform::None, Pos::new(HPos::Left, VPos::Top));
    assert!(upright.len() > 40, "{} pixels are no word", upright.len());
    assert!(upright.iter().all(|&(x, y)| (50..85).contains(&x) && (40..53).contains(&y)));
    let before = text(FontTransform::None, Pos::new(HPos::Right, VPos::Bottom));
    assert_eq!(before, upright.iter().map(|(x, y)| (x - 35, y - 13)).collect::<Vec<_>>());
}

#[test]
fn text_turns_around_its_anchor() {
    let anchor = || Pos::new(HPos::Center, VPos::Top);
    let upright = text(FontTransform::None, anchor());
    let mut turned = text(FontTransform::Rotate270, anchor());
    let mut expected: Vec<_> = upright.iter().map(|(x, y)| (50 + (y - 40), 40 - (x - 50))).collect();
    turned.sort_unstable();
    expected.sort_unstable();
    assert_eq!(turned, expected);
}

#[test]
fn what_is_estimated_holds_the_text() {
    let mut bitmap = Bitmap::white((1, 1));
    let sheet = &mut bitmap;
    let size = |size: i32| sheet.estimate_text_size("hours", &TextStyle::from(("serif", size).into_font())).unwrap();
    assert_eq!(
        [size(1), size(13), size(15), size(16), size(20), size(99)].map(|(width, _)| width / 5),
        [7, 7, 9, 9, 10, 10]
    );
    assert_eq!(size(20).1, 20);
}

#[test]
fn lines_are_as_wide_as_they_say() {
    let rows = |width| drawn(|sheet| sheet.draw_line((20, 40), (70, 40), &Color::stroke_width(&BLACK, width)));
    let at =
        |x, rows: Vec<BackendCoord>| rows.iter().filter(|place| place.0 == x).map(|place| place.1).collect::<Vec<_>>();
    assert_eq!(at(45, rows(1)), [40]);
    assert_eq!(at(45, rows(3)), [39, 40, 41]);
    assert_eq!(at(45, rows(4)), [38, 39, 40, 41]);
    assert!(at(75, rows(4)).is_empty());
}

#[test]
fn what_is_off_the_sheet_or_transparent_is_not_drawn() {
    let far = i32::MAX;
    assert_eq!(drawn(|sheet| sheet.draw_line((-far, 40), (far, 40), &BLACK)).len(), 100);
    assert!(drawn(|sheet| sheet.draw_line((-far, -far), (far, -9), &BLACK)).is_empty());
    assert!(drawn(|sheet| sheet.draw_path([(0, 0), (99, 79)], &TRANSPARENT)).is_empty());
    assert!(drawn(|sheet| sheet.draw_path([(5, 5), (5, 5)], &BLACK)).is_empty());
    assert!(drawn(|sheet| sheet.draw_pixel((100, 0), BackendColor { alpha: 1.0, rgb: (0, 0, 0) })).is_empty());
}
