// Messages survive any way of sending them.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "protocol/framing.hpp"

namespace authd {

TEST_CASE("what is framed and cut into any pieces comes out as it was") {
  REQUIRE(rc::check("framing", [](bool headers, const std::vector<std::string>& bodies, const std::vector<std::uint8_t>& cuts) {
    const Framing framing = headers ? Framing::headers : Framing::lines;
    std::vector<std::string> sent, received;
    std::string stream;
    for (std::string body : bodies) {
      body = "{\"b\":\"" + body + "\"}";
      if (!headers) std::erase_if(body, [](char c) { return c == '\n'; });
      append_framed(stream, framing, body);
      sent.push_back(body);
    }
    FrameReader reader;
    std::size_t cut = 0;
    for (std::size_t at = 0; at < stream.size();) {
      const std::size_t wanted = cuts.empty() ? 1 : 1 + cuts[cut++ % cuts.size()];
      const auto room = reader.room();
      const std::size_t count = std::min({wanted, room.size(), stream.size() - at});
      std::memcpy(room.data(), stream.data() + at, count);
      reader.filled(count);
      at += count;
      for (auto next = reader.next(); next.status == FrameReader::Status::message; next = reader.next()) received.emplace_back(next.body);
    }
    RC_ASSERT(received == sent);
    RC_ASSERT(sent.empty() || reader.framing() == framing);
  }));
}

}  // namespace authd
