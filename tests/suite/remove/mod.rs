//! A colleague is taken, a device is lost: what counts afterwards, who decides, and what stays to be seen.

mod aside;
