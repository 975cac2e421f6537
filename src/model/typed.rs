pub struct Now { pub date: (i16, u8, u8), pub time: (u8, u8), pub offset_min: i16 }
pub fn read(_: super::Leaf, _: &str, _: &str, _: &Now) -> Option<serde_json::Value> { None }
