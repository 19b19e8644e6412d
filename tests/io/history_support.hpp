// A history in a scratch directory, filled the way the settings store does.
#pragma once

#include <algorithm>

#include "daemon/io/history.hpp"
#include "tests/unit/support.hpp"

namespace authd::test {

struct Past {
  ScratchDirectory scratch;
  std::string directory = scratch / "state/history", index = directory + "/index.jsonl";
  io::History history{directory};
  std::size_t number = 0;

  static std::string id(const std::string& text) { return io::History::content_id(text); }

  // Numbered in the order of the calls: "20261121T104200.000000001Z-1a2b3c4d".
  io::Snapshot snapshot(const std::optional<std::string>& before, const std::optional<std::string>& after,
                        const std::string& path = "/home/u/.qwen/settings.json") {
    const std::string digits = std::to_string(++number);
    io::Snapshot made{"20261121T104200." + std::string(9 - digits.size(), '0') + digits + "Z-1a2b3c4d",
                      "2026-11-21T10:42:00.123Z", "self", "settings.set", path, "user", {{"env", "OPENAI_API_KEY"}}};
    if (before) made.before = id(*before);
    if (after) made.after = id(*after);
    return made;
  }
  // A write: both contents are kept, and the record is made.
  io::Snapshot write(const std::optional<std::string>& before, const std::optional<std::string>& after,
                     const std::string& path = "/home/u/.qwen/settings.json", const std::string& trouble = "") {
    io::Snapshot made = snapshot(before, after, path);
    made.trouble = trouble;
    for (const auto& text : {before, after})
      if (text && !history.keep(id(*text), *text)) throw std::runtime_error("not kept");
    if (!history.record(made)) throw std::runtime_error("not recorded");
    return made;
  }
  // What a daemon that starts anew finds; its first settling does all the work.
  void tidy() {
    history = io::History(directory);
    write(std::nullopt, "{}", "/tidy");
    history.settle();
  }
  std::vector<std::string> names(const std::string& suffix = "") const {
    std::vector<std::string> found;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(directory, none))
      if (const std::string name = entry.path().filename().string(); name.ends_with(suffix)) found.push_back(name);
    std::sort(found.begin(), found.end());
    return found;
  }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const std::string& name : names()) sum += std::filesystem::file_size(directory + "/" + name);
    return sum;
  }
  std::vector<std::string> ids() const {
    std::vector<std::string> found;
    const auto all = history.snapshots().value();
    for (const io::Snapshot& made : all) found.push_back(made.id);
    return found;
  }
};

}  // namespace authd::test
