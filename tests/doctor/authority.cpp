#include "authority.hpp"

#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace authd::doctor {
namespace {

constexpr long validity_s = 24 * 60 * 60;
constexpr const char* issuer_name = "Example Corp TLS Inspection Root";

void add_extension(X509* certificate, int what, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// Not yet signed.
X509* new_certificate(EVP_PKEY* key, const std::string& name, long serial) {
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -validity_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate), validity_s);
  X509_set_pubkey(certificate, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  return certificate;
}

bool is_address(const std::string& host) { return host.find_first_not_of("0123456789.:") == std::string::npos; }

}  // namespace

Authority::Authority() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free), root_(new_certificate(key_.get(), issuer_name, 1), X509_free) {
  X509_set_issuer_name(root_.get(), X509_get_subject_name(root_.get()));
  add_extension(root_.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(root_.get(), NID_key_usage, "critical,keyCertSign");
  X509_sign(root_.get(), key_.get(), EVP_sha256());
}

std::string Authority::pem() const {
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, root_.get());
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(out, &bytes);
  const std::string text(bytes, static_cast<std::size_t>(size));
  BIO_free(out);
  return text;
}

SSL_CTX* Authority::context_for(const std::string& host) {
  const std::lock_guard lock(mutex_);
  if (const auto found = contexts_.find(host); found != contexts_.end()) return found->second.get();
  Owned<X509> leaf(new_certificate(key_.get(), host, static_cast<long>(contexts_.size()) + 2), X509_free);
  X509_set_issuer_name(leaf.get(), X509_get_subject_name(root_.get()));
  add_extension(leaf.get(), NID_subject_alt_name, (is_address(host) ? "IP:" : "DNS:") + host);
  X509_sign(leaf.get(), key_.get(), EVP_sha256());
  Owned<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX_use_certificate(context.get(), leaf.get());
  SSL_CTX_use_PrivateKey(context.get(), key_.get());
  SSL_CTX_add_extra_chain_cert(context.get(), X509_dup(root_.get()));
  return contexts_.emplace(host, std::move(context)).first->second.get();
}

}  // namespace authd::doctor
