// The diff of texts of which one does not parse: nothing can be masked in it.
#include <catch2/catch.hpp>

#include "daemon/core/settings.hpp"

using authd::core::masked_diff;

namespace {

const std::string whole = "{\n  \"env\": {\"K\": \"sk-canary-0123456789\"},\n  \"a\": 1\n}\n";
const std::string broken = "{\n  \"env\": {\"K\": \"sk-canary-0123456789\"},\n  \"b\": zyx-canary-9876543210,,\n}\n";

}  // namespace

TEST_CASE("A diff with a text that does not parse shows the lines that the other one has") {
  CHECK(masked_diff(whole, broken, "/f") ==
        "--- /f\n+++ /f\n@@ -1,4 +1,4 @@\n {\n   \"env\": {\"K\": \"sk-••••••••••••••••\"},\n-  \"a\": 1\n+…\n }\n");
  CHECK(masked_diff(broken, whole, "/f") ==
        "--- /f\n+++ /f\n@@ -1,4 +1,4 @@\n {\n   \"env\": {\"K\": \"sk-••••••••••••••••\"},\n-…\n+  \"a\": 1\n }\n");
}

TEST_CASE("A diff of two texts that do not parse shows no word of them") {
  CHECK(masked_diff(broken, "{\n  \"env\": canary\n", "/f") ==
        "--- /f\n+++ /f\n@@ -1,4 +1,2 @@\n {\n-…\n-…\n-}\n+…\n");
}

TEST_CASE("A diff with no text on one side and a broken one on the other shows its lines as such") {
  CHECK(masked_diff("", "{canary\n", "/f") == "--- /dev/null\n+++ /f\n@@ -0,0 +1 @@\n+…\n");
  CHECK(masked_diff("{canary", "", "/f") == "--- /f\n+++ /f\n@@ -1 +0,0 @@\n-…\n\\ No newline at end of file\n");
}

TEST_CASE("A line that is a secret in one place of the text is shown as one everywhere") {
  const std::string twice = "{\n\"ui\": {\n\"x\": \"canary-0123\"\n},\n\"env\": {\n\"x\": \"canary-0123\"\n}\n}\n";
  const std::string line = "\"x\": \"canary-0123\"\n";
  const std::string shown = masked_diff(twice, "{\n" + line + line + line + ",,\n", "/f");
  CHECK(shown.find("+\"x\": \"canary") == std::string::npos);
  CHECK(shown.find("+\"x\": \"••••••••••••••••\"") != std::string::npos);
}
