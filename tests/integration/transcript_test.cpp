// docs/PROTOCOL.md against the daemon: its transcripts are replayed, its tables compared.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>
#include <sstream>

#include "protocol/limits.hpp"
#include "protocol/result.hpp"
#include "provider.hpp"
#include "transcript.hpp"
#include "wizard.hpp"

using namespace authd;
using namespace authd::tests;

namespace {

std::string document() { return read_file(AUTHD_SOURCE_DIR "/docs/PROTOCOL.md"); }

// The cells of every table row below a heading, without the header and its rule.
std::vector<std::vector<std::string>> table_below(const std::string& heading) {
  const std::string text = document();
  const std::size_t begin = text.find("\n" + heading + "\n");
  if (begin == std::string::npos) FAIL("docs/PROTOCOL.md has no heading " << heading);
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text.substr(begin + heading.size() + 2));
  for (std::string line; std::getline(lines, line) && !line.starts_with("#");) {
    if (!line.starts_with("| `")) continue;
    std::vector<std::string> cells;
    std::istringstream parts(line.substr(1));
    for (std::string cell; std::getline(parts, cell, '|');) {
      const std::size_t first = cell.find_first_not_of(' ');
      cells.push_back(first == std::string::npos ? "" : cell.substr(first, cell.find_last_not_of(' ') - first + 1));
    }
    rows.push_back(cells);
  }
  return rows;
}

// The constants of protocol/limits.hpp: each is a product of numbers.
std::map<std::string, std::size_t> limits_of(const std::string& header) {
  const std::string declaration = "inline constexpr std::size_t ";
  std::map<std::string, std::size_t> limits;
  for (std::size_t at = header.find(declaration); at != std::string::npos; at = header.find(declaration, at + 1)) {
    const std::size_t name = at + declaration.size(), equals = header.find(" = ", name), end = header.find(';', equals);
    std::string product = header.substr(equals + 3, end - equals - 3);
    std::erase(product, '\'');
    std::istringstream factors(product);
    std::size_t value = 1;
    for (std::string factor; std::getline(factors, factor, '*');) value *= std::stoul(factor);
    limits[header.substr(name, equals - name)] = value;
  }
  return limits;
}

std::string code(const std::string& text) { return "`" + text + "`"; }

void replay(Client& client, const Transcript& transcript, Placeholders& placeholders) {
  for (const TranscriptLine& line : transcript.lines) {
    INFO("docs/PROTOCOL.md:" << line.line << " (" << transcript.heading << ")");
    if (line.is_sent) {
      client.send_text(placeholders.filled(line.text));
      continue;
    }
    if (line.is_command) {
      REQUIRE(std::system(placeholders.filled(line.text).c_str()) == 0);
      continue;
    }
    const auto expected = parse_json(line.text);
    REQUIRE(expected);
    CHECK(placeholders.difference(*expected, client.next()) == "");
  }
  // Nothing more was said than the transcript shows.
  CHECK(client.notifications().empty());
}

}  // namespace

TEST_CASE("The transcripts of docs/PROTOCOL.md are what a fresh daemon says") {
  const Provider provider;
  const Daemon daemon;
  // The file of the section about files that cannot be read.
  write_file(daemon.home() + "/trailing-comma/.qwen/settings.json", "{\n  \"theme\": \"dark\",\n}\n");
  Placeholders placeholders;
  placeholders.bind("home", daemon.home());
  placeholders.bind("state", daemon.path("state"));
  placeholders.bind("socket", daemon.socket());
  placeholders.bind("port", provider.port());
  placeholders.bind("pid", std::to_string(daemon.pid()));
  const auto transcripts = read_transcripts(document());
  CHECK(transcripts.size() >= 10);
  for (const Transcript& transcript : transcripts) {
    Client client = daemon.connect();
    replay(client, transcript, placeholders);
  }
}

TEST_CASE("The limits in docs/PROTOCOL.md are those of protocol/limits.hpp") {
  const std::map<std::string, std::size_t> limits = limits_of(read_file(AUTHD_SOURCE_DIR "/protocol/limits.hpp"));
  // The header was understood.
  CHECK(limits.size() >= 19);
  CHECK(limits.at("message_bytes_max") == limits::message_bytes_max);
  CHECK(limits.at("batch_max") == limits::batch_max);
  std::map<std::string, std::size_t> documented;
  for (const auto& row : table_below("## Limits")) {
    REQUIRE(row.size() >= 3);
    documented[row[0].substr(1, row[0].size() - 2)] = std::stoul(row[1]);
  }
  CHECK(documented == limits);
}

TEST_CASE("The errors in docs/PROTOCOL.md are those of protocol/result.cpp") {
  std::map<std::string, std::string> expected, documented;
  for (int i = 0; i <= static_cast<int>(ErrorKind::cancelled); ++i) {
    const auto kind = static_cast<ErrorKind>(i);
    expected[code(std::string(kind_name(kind)))] = code(std::to_string(wire_code(kind)));
  }
  for (const auto& row : table_below("## Errors")) documented[row.at(1)] = row.at(0);
  CHECK(documented == expected);
}

TEST_CASE("docs/PROTOCOL.md has a section for every method, with every param") {
  const Daemon daemon;
  Client client = daemon.connect();
  const std::string text = document();
  const Json methods = client.call("rpc.discover")["methods"];
  std::set<std::string> headings;
  for (const Json& method : methods) {
    const std::string name = method["name"], heading = "\n### `" + name + "`\n";
    INFO(name);
    const std::size_t begin = text.find(heading);
    if (begin == std::string::npos) {
      // The methods for LSP-shaped clients share one section.
      CHECK(text.find("| `" + name + "` |") != std::string::npos);
      continue;
    }
    const std::string section = text.substr(begin, text.find("\n##", begin + heading.size()) - begin);
    for (const Json& param : method["params"]) {
      INFO(param["name"]);
      CHECK(section.find("| `" + param["name"].get<std::string>() + "` |") != std::string::npos);
    }
    headings.insert(heading);
  }
  // And none for a method that is not there.
  std::size_t sections = 0;
  for (std::size_t at = text.find("\n### `"); at != std::string::npos; at = text.find("\n### `", at + 1)) ++sections;
  CHECK(sections == headings.size());
}
