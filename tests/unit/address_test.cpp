// Which addresses are guarded, and which hosts NO_PROXY excepts.
#include "daemon/core/address.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace authd::core {

TEST_CASE("link-local addresses and those of a cloud's metadata are guarded, in every form of an address") {
  for (const char* host : {"169.254.169.254", "169.254.0.1", "169.254.255.255", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fe80::1",
                           "febf::1", "fd00:ec2::254", "fd00:0ec2:0:0:0:0:0:0254", "[fd20:ce::254]", "::ffff:169.254.169.254",
                           "[::ffff:a9fe:a9fe]", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::ffff:100.100.100.200"}) {
    CAPTURE(host);
    CHECK(names_guarded_address(host));
  }
}

TEST_CASE("loopback, private and public addresses are not guarded, nor is a name") {
  for (const char* host : {"127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "172.17.0.1", "100.100.100.201", "169.253.255.255", "169.255.0.0",
                           "192.0.0.193", "fec0::1", "fd00:ec2::255", "fd12::1", "2001:db8::1", "::ffff:127.0.0.1", "8.8.8.8", "localhost",
                           "169.254.169.254.example.com", "", "2852039166", "0xa9fea9fe"}) {
    CAPTURE(host);
    CHECK_FALSE(names_guarded_address(host));
  }
}

TEST_CASE("what is no address has no bytes") {
  CHECK(parse_address("127.0.0.1") == AddressBytes{127, 0, 0, 1});
  CHECK(parse_address("[::1]") == AddressBytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  for (const std::string& text : {std::string("127.1"), std::string("1.2.3.256"), std::string("fe80::1%eth0"), std::string("[::1"),
                                  std::string("127.0.0.1\0", 10), std::string("localhost")})
    CHECK_FALSE(parse_address(text));
  CHECK_FALSE(is_guarded_address({169, 254}));
}

TEST_CASE("NO_PROXY excepts what it names and nothing beside it") {
  struct Row {
    const char *no_proxy, *host, *port;
    bool excepted;
  };
  for (const Row& row : std::vector<Row>{
           {"", "example.com", "443", false},
           {"*", "example.com", "443", true},
           {"example.com", "example.com", "443", true},
           {"example.com", "api.example.com", "443", true},
           {"example.com", "notexample.com", "443", false},
           {".example.com", "api.example.com", "443", true},
           {"*.example.com", "api.example.com", "443", true},
           {"EXAMPLE.com", "example.com", "443", true},
           {"other.org, example.com", "example.com", "443", true},
           {"other.org example.com", "example.com", "443", true},
           {"example.com.", "example.com", "443", true},
           {"example.com:8080", "example.com", "443", false},
           {"example.com:443", "example.com", "443", true},
           {"10.0.0.0/8", "10.200.3.4", "80", true},
           {"10.0.0.0/8", "11.0.0.1", "80", false},
           {"10.0.0.0/8", "10.example.com", "80", false},
           {"10.0.0.0/33", "10.0.0.0", "80", false},
           {"10.0.0.0/x", "10.0.0.0", "80", false},
           {"127.0.0.1", "127.0.0.1", "80", true},
           {"0.0.1", "127.0.0.1", "80", false},
           {"::1", "::1", "80", true},
           {"[::1]:80", "::1", "80", true},
           {"[::1]:81", "::1", "80", false},
           {"fd00::/8", "fd12::1", "80", true},
           {",,  ,", "example.com", "80", false},
           {":", "example.com", "80", false},
       }) {
    CAPTURE(row.no_proxy, row.host, row.port);
    CHECK(is_excepted_from_proxy(row.no_proxy, row.host, row.port) == row.excepted);
  }
}

}  // namespace authd::core
