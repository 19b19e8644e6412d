// A certificate authority of the test's own, whose certificates name any host that is asked for.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

typedef struct evp_pkey_st EVP_PKEY;
typedef struct x509_st X509;
typedef struct ssl_ctx_st SSL_CTX;

namespace authd::doctor {

class Authority {
 public:
  Authority();
  // The root certificate as PEM, for NODE_EXTRA_CA_CERTS.
  std::string pem() const;
  // A server that shows a certificate for this name or address; lives as long as the authority.
  SSL_CTX* context_for(const std::string& host);

 private:
  template <class T>
  using Owned = std::unique_ptr<T, void (*)(T*)>;

  Owned<EVP_PKEY> key_;
  Owned<X509> root_;
  std::mutex mutex_;
  std::map<std::string, Owned<SSL_CTX>> contexts_;
};

}  // namespace authd::doctor
