#include "protocol/framing.hpp"

#include <catch2/catch.hpp>
#include <cstring>

namespace authd {
namespace {

void give(FrameReader& reader, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto room = reader.room();
    const std::size_t count = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), count);
    reader.filled(count);
    bytes.remove_prefix(count);
  }
}

// Takes every message that is there now; "REFUSED" at the end where the stream is out of step.
void take(FrameReader& reader, std::vector<std::string>& messages) {
  while (true) {
    const auto next = reader.next();
    if (next.status == FrameReader::Status::incomplete) return;
    if (next.status == FrameReader::Status::refused) {
      messages.push_back("REFUSED");
      return;
    }
    messages.emplace_back(next.body);
  }
}

std::vector<std::string> read_all(const std::vector<std::string>& pieces, bool end = false) {
  FrameReader reader;
  std::vector<std::string> messages;
  for (const std::string& piece : pieces) {
    give(reader, piece);
    take(reader, messages);
    if (!messages.empty() && messages.back() == "REFUSED") return messages;
  }
  if (end) {
    reader.end_of_stream();
    take(reader, messages);
  }
  return messages;
}

using Messages = std::vector<std::string>;
constexpr std::size_t message_max = 4'194'304, header_max = 8'192;

std::string header_section(std::size_t bytes, const std::string& length) {
  const std::string rest = "Content-Length: " + length + "\r\nX-Filler: \r\n\r\n";
  return "Content-Length: " + length + "\r\nX-Filler: " + std::string(bytes - rest.size(), 'x') + "\r\n\r\n";
}

}  // namespace

TEST_CASE("writing is strict") {
  CHECK(framed(Framing::headers, "{\"a\":\"é\"}") == "Content-Length: 10\r\n\r\n{\"a\":\"é\"}");
  CHECK(framed(Framing::headers, "") == "Content-Length: 0\r\n\r\n");
  CHECK(framed(Framing::lines, "{}") == "{}\n");
  std::string out = framed(Framing::lines, "1");
  append_framed(out, Framing::headers, "{}");
  CHECK(out == "1\nContent-Length: 2\r\n\r\n{}");
}

TEST_CASE("the framing is told from the first byte that is not blank") {
  struct Row {
    std::string first;
    Framing framing;
  };
  const auto row = GENERATE(values<Row>({
      {"{", Framing::lines},
      {"[", Framing::lines},
      {" \t\r\n\n{", Framing::lines},
      {"C", Framing::headers},
      {"c", Framing::headers},
      {"\r\n C", Framing::headers},
      {"", Framing::unknown},
      {" \n", Framing::unknown},
  }));
  CAPTURE(row.first);
  FrameReader reader;
  give(reader, row.first);
  CHECK(reader.next().status == FrameReader::Status::incomplete);
  CHECK(reader.framing() == row.framing);
}

TEST_CASE("what is neither JSON nor Content-Length is refused at its first byte, for good") {
  const auto first = GENERATE(as<std::string>(), "GET / HTTP/1.1\r\n", "POST /", "\x16\x03\x01", "\xEF\xBB\xBF{}\n", "\"x\"\n", "1\n",
                              "null\n", "X-Header: 1\r\n", "\xFF", std::string("\0", 1), "<");
  CAPTURE(first);
  FrameReader reader;
  give(reader, first);
  const auto refused = reader.next();
  CHECK(refused.status == FrameReader::Status::refused);
  CHECK_FALSE(refused.reason.empty());
  give(reader, "{}\n");
  CHECK(reader.next().status == FrameReader::Status::refused);
}

TEST_CASE("a request for a tunnel begins like a header and is refused, too") {
  CHECK(read_all({"CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"}) == Messages{"REFUSED"});
}

TEST_CASE("lines are messages, blank ones are not") {
  CHECK(read_all({"{\"a\":1}\n[2]\r\n\n \t\r\n  {}  \nrubbish\n"}) == Messages{"{\"a\":1}", "[2]", "{}", "rubbish"});
  CHECK(read_all({"{}"}).empty());
  CHECK(read_all({"{}"}, true) == Messages{"{}"});
  CHECK(read_all({"{}\n "}, true) == Messages{"{}"});
}

TEST_CASE("headers are read leniently") {
  const auto header = GENERATE(as<std::string>(), "Content-Length: 2\r\n\r\n", "content-length:2\r\n\r\n", "CONTENT-LENGTH :\t 2 \t\r\n\r\n",
                               "Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: 2\r\n\r\n",
                               "Content-Length: 2\r\nX-Other: a: b\r\nEmpty:\r\n\r\n", "Content-Length: 2\n\n", "Content-Length: 0002\r\n\r\n");
  CAPTURE(header);
  CHECK(read_all({header + "{}" + header + "[]"}) == Messages{"{}", "[]"});
}

TEST_CASE("a header section without a usable length is refused") {
  const auto header = GENERATE(as<std::string>(), "Content-Type: x\r\n\r\n", "Content-Length: \r\n\r\n", "Content-Length: -2\r\n\r\n",
                               "Content-Length: +2\r\n\r\n", "Content-Length: 2x\r\n\r\n", "Content-Length: 0x2\r\n\r\n",
                               "Content-Length: 2 2\r\n\r\n", "Content-Length: 1e1\r\n\r\n", "Content-Length\r\n\r\n",
                               "Content-Length: 99999999999999999999999\r\n\r\n", "Content-Length: 2\r\nno colon\r\n\r\n");
  CAPTURE(header);
  CHECK(read_all({header + "{}"}) == Messages{"REFUSED"});
}

TEST_CASE("a stream may be cut anywhere") {
  const std::string body = "{\"text\":\"line\\nbreak, é\"}";
  const auto stream = GENERATE_COPY(as<std::string>(), body + "\r\n\n [1]\n" + body + "\n",
                                    "Content-Length: " + std::to_string(body.size()) + "\r\nX: y\r\n\r\n" + body +
                                        "content-length:3\n\n[1]Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  const Messages expected{body, "[1]", body};
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    CAPTURE(cut);
    CHECK(read_all({stream.substr(0, cut), stream.substr(cut)}) == expected);
  }
  Messages bytes;
  for (const char c : stream) bytes.push_back(std::string(1, c));
  CHECK(read_all(bytes) == expected);
}

TEST_CASE("bytes that arrive while a message is still in use do not disturb it or what follows") {
  FrameReader reader;
  give(reader, "{\"first\":1}\n{\"sec");
  REQUIRE(reader.next().body == "{\"first\":1}");
  give(reader, "ond\":2}\n" + std::string(10'000, ' ') + "{}\n");
  CHECK(reader.next().body == "{\"second\":2}");
  CHECK(reader.next().body == "{}");
  CHECK(reader.next().status == FrameReader::Status::incomplete);
}

TEST_CASE("a line of 4 MiB is read and one of a byte more is refused") {
  const std::string longest = "[" + std::string(message_max - 2, ' ') + "]";
  CHECK(read_all({longest + "\n{}\n"}) == Messages{longest, "{}"});
  CHECK(read_all({longest.substr(0, 1'000'000), longest.substr(1'000'000), "\n"}) == Messages{longest});
  CHECK(read_all({"[ " + longest.substr(1) + "\n"}) == Messages{"REFUSED"});
  CHECK(read_all({longest, "x"}) == Messages{"REFUSED"});  // without waiting for the line's end
}

TEST_CASE("a body of 4 MiB is read and one of a byte more is refused before it comes") {
  const std::string longest(message_max, 'x');
  CHECK(read_all({"Content-Length: 4194304\r\n\r\n" + longest}) == Messages{longest});
  CHECK(read_all({"Content-Length: 4194305\r\n\r\n"}) == Messages{"REFUSED"});
}

TEST_CASE("a header section of 8 KiB is read and one of a byte more is refused") {
  REQUIRE(header_section(header_max, "2").size() == header_max);
  CHECK(read_all({header_section(header_max, "2") + "{}"}) == Messages{"{}"});
  CHECK(read_all({header_section(header_max + 1, "2") + "{}"}) == Messages{"REFUSED"});
  CHECK(read_all({"C" + std::string(header_max, 'c')}) == Messages{"REFUSED"});  // it need not end
  CHECK(read_all({"C" + std::string(header_max - 2, 'c')}).empty());
}

TEST_CASE("a stream that ends inside headers or a body is out of step") {
  CHECK(read_all({"Content-Le"}, true) == Messages{"REFUSED"});
  CHECK(read_all({"Content-Length: 2\r\n\r\n{"}, true) == Messages{"REFUSED"});
  CHECK(read_all({"Content-Length: 2\r\n\r\n{}"}, true) == Messages{"{}"});
  CHECK(read_all({""}, true).empty());
}

TEST_CASE("an empty body is a message, so that it can be answered") {
  CHECK(read_all({"Content-Length: 0\r\n\r\nContent-Length: 2\r\n\r\n{}"}) == Messages{"", "{}"});
}

}  // namespace authd
