#include "daemon/core/cli_version.hpp"

#include <catch2/catch.hpp>

namespace authd::core {

TEST_CASE("a version is three numbers, whatever comes with them") {
  CHECK(parse_cli_version("0.24.4") == CliVersion{0, 24, 4});
  CHECK(parse_cli_version("v0.15.10") == CliVersion{0, 15, 10});
  CHECK(parse_cli_version("0.24.4-nightly.20260101.1") == CliVersion{0, 24, 4});
  CHECK(parse_cli_version("1.0.0+build") == CliVersion{1, 0, 0});
  CHECK(parse_cli_version("0.24.4 (linux)") == CliVersion{0, 24, 4});
  for (const char* none : {"", "v", "0.24", "0.24.", "0.24.x", "0.24.4x", "0.24.4.1", "-1.2.3", "0.-1.2", "a.b.c", " 0.24.4",
                           "0.99999999999.0"}) {
    CAPTURE(none);
    CHECK_FALSE(parse_cli_version(none));
  }
  CHECK(CliVersion{0, 24, 4}.text() == "0.24.4");
  CHECK(CliVersion{0, 9, 9} < CliVersion{0, 15, 6});
}

TEST_CASE("what a version does is what the nearest earlier known one does (facts, 0 and 8)") {
  struct Row {
    const char* version;
    bool qwen_home, all_home_files, empty_is_unset, loaders_refused, wire_api;
  };
  const auto row = GENERATE(values<Row>({
      {"0.14.0", false, false, false, false, false},
      {"0.15.6", false, false, false, false, false},
      {"0.15.10", true, false, false, false, false},
      {"0.20.0", true, false, false, false, false},
      {"0.21.2", true, true, true, false, false},
      {"0.23.0", true, true, true, true, false},
      {"0.24.3", true, true, true, true, false},
      {"0.24.4", true, true, true, true, true},
      {"1.0.0", true, true, true, true, true},
  }));
  CAPTURE(row.version);
  const CliRules rules = rules_of(*parse_cli_version(row.version));
  CHECK(rules.has_qwen_home == row.qwen_home);
  CHECK(rules.reads_all_home_dotenvs == row.all_home_files);
  CHECK(rules.empty_counts_as_unset == row.empty_is_unset);
  CHECK(rules.refuses_loader_variables == row.loaders_refused);
  CHECK(rules.has_wire_api == row.wire_api);
}

TEST_CASE("without a version the rules are those of the newest known") {
  const CliRules assumed, newest = rules_of(newest_known_version);
  CHECK(assumed.version == newest.version);
  CHECK(assumed.trusts_without_rule == newest.trusts_without_rule);
  CHECK(assumed.broken_file_is_fatal == newest.broken_file_is_fatal);
  CHECK(assumed.default_model == newest.default_model);
  CHECK(assumed.keeps_session_names == newest.keeps_session_names);
  CHECK(rules_of({0, 15, 6}).default_model == "qwen3.5-plus");
}

TEST_CASE("the other version is the one with the most other rules") {
  CHECK(other_version({0, 15, 6}) == CliVersion{0, 24, 4});
  CHECK(other_version({0, 20, 0}) == CliVersion{0, 24, 4});
  CHECK(other_version({0, 21, 2}) == CliVersion{0, 15, 6});
  CHECK(other_version({0, 24, 4}) == CliVersion{0, 15, 6});
}

}  // namespace authd::core
