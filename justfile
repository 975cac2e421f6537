# Recipes for people who work on sandyq. `just` lists them.

_list:
    @just --list

# Run every test.
test:
    cargo test --all-features --locked

# Load the example data set into a throw-away vault and print its rallies.
run-example:
    cargo run --locked --example rally_report

# Print each figure of the benchmark beside its bound.
bench:
    cargo bench --locked

# Warnings are errors.
lint:
    cargo clippy --all-targets --all-features --locked -- -D warnings

# Write the generated files again; read the difference before committing it.
bless:
    BLESS=1 cargo test --all-features --locked
