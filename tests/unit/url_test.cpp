#include "daemon/core/url.hpp"

#include <catch2/catch.hpp>

namespace authd::core {

TEST_CASE("a URL is taken apart") {
  struct Row {
    std::string text, scheme, userinfo, host, port, path, query, fragment;
  };
  const auto row = GENERATE(values<Row>({
      {"https://api.openai.com/v1", "https", "", "api.openai.com", "", "/v1", "", ""},
      {"HTTP://LocalHost:8080", "http", "", "localhost", "8080", "", "", ""},
      {"http://[::1]:80/x", "http", "", "::1", "80", "/x", "", ""},
      {"http://[FE80::1]", "http", "", "fe80::1", "", "", "", ""},
      {"https://u:p@h:1/a?b=c#d", "https", "u:p", "h", "1", "/a", "?b=c", "#d"},
      {"https://u@evil@h/", "https", "u@evil", "h", "", "/", "", ""},
      {"https://h?x=/y@z", "https", "", "h", "", "", "?x=/y@z", ""},
      {"https://h#@x?y", "https", "", "h", "", "", "", "#@x?y"},
      {"https://h/@x:1", "https", "", "h", "", "/@x:1", "", ""},
      {"https://", "https", "", "", "", "", "", ""},
      {"http://[::1", "http", "", "::1", "", "", "", ""},
  }));
  CAPTURE(row.text);
  const Url url = parse_url(row.text);
  CHECK(url.scheme == row.scheme);
  CHECK(url.userinfo == row.userinfo);
  CHECK(url.host == row.host);
  CHECK(url.port == row.port);
  CHECK(url.path == row.path);
  CHECK(url.query == row.query);
  CHECK(url.fragment == row.fragment);
}

TEST_CASE("an origin spells out the default port") {
  CHECK(parse_url("https://H/v1").origin() == "https://h:443");
  CHECK(parse_url("http://h").origin() == "http://h:80");
  CHECK(parse_url("http://h:8080/x").origin() == "http://h:8080");
  CHECK(parse_url("http://[::1]/x").origin() == "http://[::1]:80");
  CHECK(parse_url("https://u@h:443").origin() == parse_url("https://h").origin());
}

TEST_CASE("loopback is known by its name or number, and nothing else is") {
  for (const char* host : {"localhost", "LOCALHOST", "a.localhost", "127.0.0.1", "127.255.0.9", "[::1]"}) {
    CAPTURE(host);
    CHECK(parse_url(std::string("http://") + host + ":1/v1").is_loopback());
  }
  for (const char* host : {"localhost.example", "xlocalhost", "127.0.0.1.example", "127.x.0.1", "128.0.0.1", "10.0.0.1", "0.0.0.0",
                           "[::2]", "example.com", "", "127.0.0.1@example.com", "12.7.0.1"}) {
    CAPTURE(host);
    CHECK_FALSE(parse_url(std::string("http://") + host + "/v1").is_loopback());
  }
}

TEST_CASE("a base URL starts with http:// or https://, in any case") {
  for (const char* good : {"http://h", "https://h", "HTTP://h", "HttpS://h", "http://"}) CHECK(has_http_scheme(good));
  for (const char* bad : {"", "http:/h", "http:h", "ftp://h", "h", " http://h", "httpss://h", "https//h", "http"}) {
    CAPTURE(bad);
    CHECK_FALSE(has_http_scheme(bad));
  }
}

TEST_CASE("the canonical form has no white space around it and no slash at its end") {
  CHECK(canonical_base_url(" https://H/V1// \n") == "https://H/V1");
  CHECK(canonical_base_url("https://h/a/b") == "https://h/a/b");
  CHECK(canonical_base_url("\u00A0https://h\uFEFF") == "https://h");
  CHECK(canonical_base_url("") == "");
}

TEST_CASE("networks are private by their addresses and names") {
  for (const char* host : {"10.0.0.1", "172.16.0.1", "172.31.255.1", "192.168.1.2", "169.254.1.1", "100.64.0.1", "100.127.9.9",
                           "[fd12::1]", "gpu-box", "studio.local", "llm.prod.internal", "box.tail1234.ts.net"}) {
    INFO(host);
    CHECK(parse_url("http://" + std::string(host) + ":8000/v1").is_private());
  }
  for (const char* host : {"100.63.0.1", "100.128.0.1", "100.6.0.1", "172.15.0.1", "172.32.0.1", "172.3.0.1", "8.8.8.8",
                           "[2001:db8::1]", "api.openai.com", "ts.net.example.com"}) {
    INFO(host);
    CHECK_FALSE(parse_url("http://" + std::string(host) + ":8000/v1").is_private());
  }
}

}  // namespace authd::core
