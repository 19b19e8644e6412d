// The transcripts of docs/PROTOCOL.md: fenced blocks of `--> {…}`, `<-- {…}` and `$ command`, with
// placeholders.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "protocol/json.hpp"

namespace authd::tests {

struct TranscriptLine {
  bool is_sent = false;
  bool is_command = false;  // what another program does meanwhile, for the shell
  std::string text;         // one JSON text, or whatever the client sends
  int line = 0;             // in the document
};

struct Transcript {
  std::string heading;  // of the section it stands in
  std::vector<TranscriptLine> lines;
};

// Blocks fenced as ```jsonrpc. A line that begins with no arrow and no `$` goes on with the
// message before it.
std::vector<Transcript> read_transcripts(const std::string& markdown);

// What a document calls <name>, and what it is in this run. A name is bound where it is first
// received, and must be the same wherever it stands again.
class Placeholders {
 public:
  void bind(const std::string& name, const std::string& value) { values_[name] = value; }
  // Every bound name replaced.
  std::string filled(const std::string& text) const;
  // Why `received` is not what was expected; empty where it is. A string "<name>" matches any
  // value, "a<name>b" a string around it. A member or element "…" stands for any further ones.
  std::string difference(const Json& expected, const Json& received, const std::string& path = "");

 private:
  std::string difference_of_text(const std::string& expected, const Json& received, const std::string& path);

  std::map<std::string, std::string> values_;
};

}  // namespace authd::tests
