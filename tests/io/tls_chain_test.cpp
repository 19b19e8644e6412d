// Who trusts a presented chain, and which authority of this machine alone does.
#include "daemon/io/tls_chain.hpp"

#include <catch2/catch.hpp>

#include "tests/io/certificates.hpp"

namespace authd::io {

using core::Trust;

TEST_CASE("a chain by an authority of this machine is told from one that all trust") {
  test::Certificates certificates;
  certificates.make_authority("inspector");
  certificates.make_authority("public");
  certificates.make_server("inspected", "inspector", "DNS:api.example.com,IP:127.0.0.1");
  certificates.make_server("plain", "public", "DNS:api.example.com");
  const std::string both = certificates.make_store("system", "inspector");
  certificates.make_store("system", "public");
  const TrustStores stores{both, certificates.make_store("mozilla", "public")};

  const core::Chain open = judged_chain({{certificates.pem("plain")}, "api.example.com", "", false}, stores);
  CHECK(open.by_system == Trust::trusted);
  CHECK(open.by_node == Trust::trusted);
  CHECK_FALSE(open.local_authority);
  CHECK(open.authority_file.empty());

  ChainQuestion question{{certificates.pem("inspected")}, "api.example.com", "", false};
  const core::Chain inspected = judged_chain(question, stores);
  CHECK(inspected.by_system == Trust::trusted);
  CHECK(inspected.by_node == Trust::unknown_issuer);
  REQUIRE(inspected.presented.size() == 1);
  CHECK(inspected.presented[0].subject == "CN=inspected");
  CHECK(inspected.presented[0].issuer == "CN=inspector,O=Corp");
  CHECK(inspected.presented[0].fingerprint.size() == 64);
  CHECK(inspected.presented[0].pem == certificates.pem("inspected"));
  CHECK(inspected.presented[0].not_after > inspected.presented[0].not_before);
  REQUIRE(inspected.local_authority);
  CHECK(inspected.local_authority->subject == "CN=inspector,O=Corp");
  CHECK(inspected.local_authority->pem == certificates.pem("inspector"));
  CHECK(inspected.authority_file == certificates.path("system/inspector.crt"));

  question.extra_ca_file = inspected.authority_file;
  CHECK(judged_chain(question, stores).by_node == Trust::trusted);
  question.extra_ca_file = certificates.path("missing.pem");
  CHECK(judged_chain(question, stores).by_node == Trust::unknown_issuer);
  question.node_uses_system_store = true;
  CHECK(judged_chain(question, stores).by_node == Trust::trusted);
}

TEST_CASE("what is wrong with a chain is told apart") {
  test::Certificates certificates;
  certificates.make_authority("root");
  certificates.make_authority("nobody");
  certificates.make_server("good", "root", "DNS:api.example.com,DNS:*.example.org,IP:192.0.2.1");
  certificates.make_server("old", "root", "DNS:api.example.com", "-1");
  certificates.make_server("foreign", "nobody", "DNS:api.example.com");
  const std::string store = certificates.make_store("store", "root");
  const auto judged = [&](const std::string& name, const std::string& host) {
    return judged_chain({{certificates.pem(name)}, host, "", false}, {store, store});
  };
  struct Row {
    const char *name, *host;
    Trust trust;
  };
  for (const Row& row : {Row{"good", "api.example.com", Trust::trusted}, Row{"good", "x.example.org", Trust::trusted},
                         Row{"good", "192.0.2.1", Trust::trusted}, Row{"good", "other.example.com", Trust::wrong_host},
                         Row{"good", "192.0.2.2", Trust::wrong_host}, Row{"old", "api.example.com", Trust::expired},
                         Row{"foreign", "api.example.com", Trust::unknown_issuer}, Row{"nobody", "nobody", Trust::unknown_issuer}}) {
    CAPTURE(row.name, row.host);
    const core::Chain chain = judged(row.name, row.host);
    CHECK(chain.by_system == row.trust);
    CHECK(chain.by_node == row.trust);
    CHECK_FALSE(chain.local_authority);
  }
}

TEST_CASE("without Mozilla's set or without a chain nothing is said") {
  test::Certificates certificates;
  certificates.make_authority("root");
  certificates.make_server("good", "root", "DNS:api.example.com");
  const std::string store = certificates.make_store("store", "root");
  const core::Chain chain = judged_chain({{certificates.pem("good")}, "api.example.com", "", false}, {store, certificates.path("none")});
  CHECK(chain.by_system == Trust::trusted);
  CHECK(chain.by_node == Trust::not_judged);
  CHECK_FALSE(chain.local_authority);
  for (const std::vector<std::string>& pems : std::vector<std::vector<std::string>>{{}, {""}, {"-----BEGIN CERTIFICATE-----\nnonsense\n"}}) {
    const core::Chain nothing = judged_chain({pems, "api.example.com", "", false}, {store, store});
    CHECK(nothing.presented.empty());
    CHECK(nothing.by_system == Trust::not_judged);
  }
}

}  // namespace authd::io
