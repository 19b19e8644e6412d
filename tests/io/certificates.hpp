// Certificates of a test, made by openssl in its scratch directory.
#pragma once

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "tests/unit/support.hpp"

namespace authd::test {

inline void shell(const std::string& command) {
  if (std::system(("{ " + command + "; } >/dev/null 2>&1").c_str()) != 0) throw std::runtime_error("failed: " + command);
}

inline std::string text_of_file(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class Certificates {
 public:
  // name.pem and name.key: an authority.
  void make_authority(const std::string& name) {
    shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/O=Corp/CN=" + name + "' -keyout " +
          path(name + ".key") + " -out " + path(name + ".pem"));
  }
  // The same for a server with these names, signed by an authority.
  void make_server(const std::string& name, const std::string& authority, const std::string& alternative_names,
                   const std::string& days = "2") {
    write_text(path(name + ".ext"), "subjectAltName=" + alternative_names + "\n");
    shell("openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " + path(name + ".key") +
          " -out " + path(name + ".csr"));
    shell("openssl x509 -req -in " + path(name + ".csr") + " -CA " + path(authority + ".pem") + " -CAkey " + path(authority + ".key") +
          " -CAcreateserial -days " + days + " -extfile " + path(name + ".ext") + " -out " + path(name + ".pem"));
  }
  // A directory that holds this authority, as a store of hashed names.
  std::string make_store(const std::string& name, const std::string& authority) {
    shell("mkdir -p " + path(name) + " && cp " + path(authority + ".pem") + " " + path(name) + "/" + authority + ".crt && openssl rehash " +
          path(name));
    return path(name);
  }
  std::string path(const std::string& name) const { return scratch_ / name; }
  std::string pem(const std::string& name) const { return text_of_file(path(name + ".pem")); }

 private:
  ScratchDirectory scratch_;
};

}  // namespace authd::test
