// decode: what it sends, how it shows the answer, and its exit code.
#include <catch2/catch.hpp>
#include <unistd.h>

#include <cstdlib>

#include "tests/client/finished_run.hpp"

using namespace authd::client::tests;
using authd::Json;

namespace {

const Json two_findings = Json::parse(R"({"findings": [
  {"code": "K208", "name": "key.wrong-host-answered", "severity": "error", "title": "Another vendor answered",
   "message": "OpenAI answered.", "cause": "c", "remedy": "Correct the base URL.",
   "evidence": ["401 Incorrect API key provided"], "confidence": "likely", "confirm": "qwen-authctl check"},
  {"code": "K203", "severity": "error", "title": "The provider refused the key", "message": "It may be wrong.",
   "evidence": [], "confidence": "possible"}]})");

}  // namespace

TEST_CASE("decode sends what comes on standard input, and shows the best finding whole") {
  FakeDaemon daemon;
  daemon.set_result("doctor.decode", two_findings);
  const FinishedRun shown = run(daemon, {"decode"}, "401 \xFF nope\n");
  CHECK(shown.exit_code == 0);
  CHECK(daemon.params_of("doctor.decode")["text"] == "401 \xEF\xBF\xBD nope\n");
  CHECK(daemon.params_of("doctor.decode")["context"].contains("cwd"));
  CHECK(shown.out ==
        "K208 Another vendor answered  (likely)\n"
        "  OpenAI answered.\n"
        "  → Correct the base URL.\n"
        "  > 401 Incorrect API key provided\n"
        "  To be sure: qwen-authctl check\n"
        "  More about it: qwen-authctl why K208\n"
        "It may also be:\n"
        "  K203 The provider refused the key  (possible)\n"
        "    It may be wrong.\n");
}

TEST_CASE("decode of a text that says nothing ends with 1 and a hint") {
  FakeDaemon daemon;
  daemon.set_result("doctor.decode", Json{{"findings", Json::array()}, {"hint", "Nothing is known."}});
  const FinishedRun shown = run(daemon, {"decode", "-"}, "hello");
  CHECK(shown.exit_code == 1);
  CHECK(shown.out == "? Nothing is known.\n");
  CHECK(run(daemon, {"decode", "--json"}, "hello").exit_code == 1);
}

TEST_CASE("decode reads a file, and says which one it cannot read") {
  FakeDaemon daemon;
  daemon.set_result("doctor.decode", two_findings);
  char path[] = "/tmp/decode-test-XXXXXX";
  const int descriptor = mkstemp(path);
  REQUIRE(descriptor >= 0);
  REQUIRE(write(descriptor, "401 in a file\n", 14) == 14);
  close(descriptor);
  CHECK(run(daemon, {"decode", path}).exit_code == 0);
  CHECK(daemon.params_of("doctor.decode")["text"] == "401 in a file\n");
  unlink(path);
  const FinishedRun missing = run(daemon, {"decode", path});
  CHECK(missing.exit_code == 1);
  CHECK(missing.err.find(path) != std::string::npos);
}
