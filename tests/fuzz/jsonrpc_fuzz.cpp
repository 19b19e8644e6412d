// Bytes from a client: every message is answered by JSON that carries the id, and no cut of the
// stream changes what is read.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <source_location>
#include <string>

#include "protocol/framing.hpp"
#include "protocol/jsonrpc.hpp"
#include "protocol/messages.hpp"

namespace {

using namespace authd;

void require(bool holds, std::source_location where = std::source_location::current()) {
  if (holds) return;
  std::fprintf(stderr, "the law on line %u does not hold\n", static_cast<unsigned>(where.line()));
  std::abort();
}

void answered(const std::string& text, const std::string& id) {
  const Json json = Json::parse(text, nullptr, false);
  require(json.is_object() && json.at("jsonrpc") == "2.0" && json.contains("id"));
  require(json.contains("result") != json.contains("error"));
  require(text.find("\"id\":" + id + ",") != std::string::npos);
  require(text.find('\n') == std::string::npos);
}

template <class Params>
void decoded(const jsonrpc::Call& call) {
  const auto params = decode<Params>(call.params);
  if (!params && call.id) answered(jsonrpc::answer(*call.id, params.error()), *call.id);
}

void handled(std::string_view body) {
  const jsonrpc::Message message = jsonrpc::parse(body);
  require(!message.items.empty());
  require(message.batch || message.items.size() == 1);
  for (const jsonrpc::Item& item : message.items) {
    require(item.call.has_value() + item.invalid.has_value() + item.response.has_value() == 1);
    if (item.invalid) answered(jsonrpc::answer(item.invalid->id, item.invalid->error), item.invalid->id);
    if (!item.call) continue;
    const Json& params = item.call->params;
    require(params.is_null() || (params.is_structured() && !params.empty()));
    decoded<WizardCommit>(*item.call);
    decoded<WizardStart>(*item.call);
    if (item.call->id) answered(jsonrpc::answer(*item.call->id, dump(params)), *item.call->id);
    static_cast<void>(Json::parse(jsonrpc::notification(item.call->method, params)));
  }
}

struct Read {
  std::vector<std::string> bodies;
  bool refused = false;
  bool operator==(const Read&) const = default;
};

// The stream in pieces of `piece` bytes.
Read read(std::string_view stream, std::size_t piece) {
  FrameReader reader;
  Read result;
  const auto take = [&] {
    while (!result.refused) {
      const auto next = reader.next();
      if (next.status == FrameReader::Status::incomplete) return;
      result.refused = next.status == FrameReader::Status::refused;
      if (!result.refused) result.bodies.emplace_back(next.body);
    }
  };
  for (std::size_t at = 0; at < stream.size() && !result.refused;) {
    const auto room = reader.room();
    const std::size_t count = std::min({piece, room.size(), stream.size() - at});
    std::memcpy(room.data(), stream.data() + at, count);
    reader.filled(count);
    at += count;
    take();
  }
  reader.end_of_stream();
  take();
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view stream(reinterpret_cast<const char*>(data), size);
  const Read whole = read(stream, size + 1);
  require(whole == read(stream, 1));
  require(whole == read(stream, 1 + size / 3));
  for (const std::string& body : whole.bodies) handled(body);
  handled(stream);
  for (const Framing framing : {Framing::lines, Framing::headers}) {
    if (framing == Framing::lines && (stream.find('\n') != std::string_view::npos)) continue;
    if (framing == Framing::lines && (stream.empty() || (stream[0] != '{' && stream[0] != '['))) continue;
    const Read again = read(framed(framing, stream), 7);
    require(!again.refused && again.bodies.size() == 1);
    if (framing == Framing::headers) require(again.bodies[0] == stream);
  }
  return 0;
}
