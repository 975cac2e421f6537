//! Which way up a photograph is held: the one thing that its camera wrote beside the picture and that a reader needs. Read from Exif,
//! and written as an Exif block that says nothing else.

/// How Exif begins in a JPEG; the block follows.
pub const EXIF: &[u8] = b"Exif\0\0";
/// Number of the field, and of its type: a number of two bytes.
const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;
/// Length of a field of the block.
const FIELD: usize = 12;

/// A turn, a mirroring, or both, by which a picture comes upright: 2 to 8, as Exif counts. Upright is 1, and said by nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation(u8);

impl Orientation {
    /// Reads it from an Exif block; none where the picture is upright, where nothing is said, and where the block is damaged.
    pub fn read(block: &[u8]) -> Option<Orientation> {
        let order = match block.get(..4)? {
            b"MM\0*" => Order::Big,
            b"II*\0" => Order::Little,
            _ => return None,
        };
        let first = usize::try_from(order.u32(block, 4)?).ok()?;
        let fields = usize::from(order.u16(block, first)?);
        let at = (0..fields).map(|number| first + 2 + number * FIELD).find(|at| order.u16(block, *at).is_none_or(|number| number == ORIENTATION))?;
        let plain = order.u16(block, at + 2)? == SHORT && order.u32(block, at + 4)? == 1;
        let turned = u8::try_from(order.u16(block, at + 8)?).ok().filter(|value| (2..=8).contains(value));
        turned.filter(|_| plain).map(Orientation)
    }

    /// Returns an Exif block with this and nothing else; always the same bytes.
    pub fn block(self) -> [u8; 26] {
        let mut block = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
        block[19] = self.0;
        block
    }
}

/// In which order the bytes of a number stand.
#[derive(Clone, Copy)]
enum Order {
    Big,
    Little,
}

impl Order {
    fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let two = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(match self {
            Order::Big => u16::from_be_bytes(two),
            Order::Little => u16::from_le_bytes(two),
        })
    }

    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let four = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match self {
            Order::Big => u32::from_be_bytes(four),
            Order::Little => u32::from_le_bytes(four),
        })
    }
}
