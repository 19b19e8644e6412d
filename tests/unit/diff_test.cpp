#include "daemon/core/diff.hpp"

#include <catch2/catch.hpp>

namespace authd::core {
namespace {

std::string diff(const std::string& before, const std::string& after) {
  return unified_diff(before, after, before, after, "/p");
}

std::string numbered(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += std::to_string(i) + "\n";
  return text;
}

}  // namespace

TEST_CASE("texts that are the same have no diff") {
  CHECK(diff("", "").empty());
  CHECK(diff("a\nb", "a\nb").empty());
}

TEST_CASE("a diff is the one that diff -u prints") {
  struct Row {
    std::string before, after, expected;
  };
  const auto row = GENERATE(values<Row>({
      {"a\nb\nc\n", "a\nx\nc\n", "--- /p\n+++ /p\n@@ -1,3 +1,3 @@\n a\n-b\n+x\n c\n"},
      {"", "a\nb\n", "--- /dev/null\n+++ /p\n@@ -0,0 +1,2 @@\n+a\n+b\n"},
      {"a\n", "", "--- /p\n+++ /p\n@@ -1 +0,0 @@\n-a\n"},
      {"a\n", "a\nb\n", "--- /p\n+++ /p\n@@ -1 +1,2 @@\n a\n+b\n"},
      {"b\n", "a\nb\n", "--- /p\n+++ /p\n@@ -1 +1,2 @@\n+a\n b\n"},
      {"a\n", "a", "--- /p\n+++ /p\n@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file\n"},
      {"a", "a\nb", "--- /p\n+++ /p\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n"},
      {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n", "--- /p\n+++ /p\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n"},
  }));
  CAPTURE(row.before, row.after);
  CHECK(diff(row.before, row.after) == row.expected);
}

TEST_CASE("changes far apart are hunks of their own, near ones are one") {
  const std::string seven = "x\n" + numbered(1, 7) + "y\n", six = "x\n" + numbered(1, 6) + "y\n";
  CHECK(diff(seven, "X\n" + numbered(1, 7) + "Y\n") ==
        "--- /p\n+++ /p\n@@ -1,4 +1,4 @@\n-x\n+X\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-y\n+Y\n");
  CHECK(diff(six, "X\n" + numbered(1, 6) + "Y\n") ==
        "--- /p\n+++ /p\n@@ -1,8 +1,8 @@\n-x\n+X\n 1\n 2\n 3\n 4\n 5\n 6\n-y\n+Y\n");
}

TEST_CASE("lines are compared by what they are and shown by what may be shown") {
  CHECK(unified_diff("k: old\nz\n", "k: new\nz\n", "k: ***\nz\n", "k: ***\nz\n", "/p") ==
        "--- /p\n+++ /p\n@@ -1,2 +1,2 @@\n-k: ***\n+k: ***\n z\n");
}

TEST_CASE("carriage returns are not printed, and a very long line is cut") {
  CHECK(diff("a\r\n", "b\r\n") == "--- /p\n+++ /p\n@@ -1 +1 @@\n-a\n+b\n");
  std::string line(100'000, 'x');
  line += '\n';
  CHECK(diff("", line).size() < 3'000);
}

TEST_CASE("texts that differ everywhere are shown as one whole change") {
  const std::string text = diff(numbered(1, 5'000), numbered(10'001, 15'000));
  CHECK(text.starts_with("--- /p\n+++ /p\n@@ -1,5000 +1,5000 @@\n-1\n"));
}

}  // namespace authd::core
