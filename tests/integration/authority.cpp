#include "authority.hpp"

#include <catch2/catch.hpp>

#include "process.hpp"

namespace authd::tests {
namespace {

void openssl(const std::vector<std::string>& arguments) {
  std::string output;
  const int code = run("openssl", arguments, bare_environment(), output);
  INFO(output);
  REQUIRE(code == 0);
}

}  // namespace

Authority::Authority() {
  openssl({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Test CA", "-keyout", key("ca"), "-out",
           certificate()});
  openssl({"req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", key("server"), "-out", path("request")});
  write_file(path("extensions"), "subjectAltName=IP:127.0.0.1,IP:0.0.0.0\n");
  openssl({"x509", "-req", "-in", path("request"), "-CA", certificate(), "-CAkey", key("ca"), "-CAcreateserial", "-days", "2",
           "-extfile", path("extensions"), "-out", path("server.pem")});
}

std::vector<std::string> Authority::server_arguments() const {
  return {"--tls-cert", path("server.pem"), "--tls-key", key("server")};
}

}  // namespace authd::tests
