//! Tables and figures made from records: pure, and never more exact than their sources.

pub mod rally;
