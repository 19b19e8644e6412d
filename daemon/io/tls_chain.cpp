#include "daemon/io/tls_chain.hpp"

#include <dirent.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>

#include "daemon/core/address.hpp"
#include "daemon/core/redact.hpp"
#include "daemon/io/file.hpp"
#include "protocol/limits.hpp"

namespace authd::io {
namespace {

using core::Trust;

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* what) const {
    Free(what);
  }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using X509Owner = std::unique_ptr<X509, Freed<X509_free>>;
using Store = std::unique_ptr<X509_STORE, Freed<X509_STORE_free>>;
using StoreContext = std::unique_ptr<X509_STORE_CTX, Freed<X509_STORE_CTX_free>>;
using Certificates = std::vector<X509Owner>;

constexpr std::size_t name_bytes_max = 300;

std::string text_in(BIO* bio) {
  char* data = nullptr;
  const long bytes = BIO_get_mem_data(bio, &data);
  return bytes > 0 ? std::string(data, static_cast<std::size_t>(bytes)) : std::string();
}

void read_certificates(std::string_view text, Certificates& into) {
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  while (X509* const one = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    into.emplace_back(one);
  ERR_clear_error();  // that there is no further one is no error
}

void read_certificate_file(const std::string& path, Certificates& into) {
  if (const auto file = read_file(path, limits::message_bytes_max))
    read_certificates(file->text, into);
}

Certificates certificates_in(const std::string& directory) {
  Certificates all;
  const std::unique_ptr<DIR, Freed<closedir>> open(opendir(directory.c_str()));
  if (!open) return all;
  while (const dirent* entry = readdir(open.get()))
    if (const std::string_view name = entry->d_name; name.ends_with(".crt"))
      read_certificate_file(directory + "/" + entry->d_name, all);
  return all;
}

std::string shown_name(const X509_NAME* name) {
  const Bio bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  return core::printable(text_in(bio.get()), name_bytes_max);
}

std::string shown_time(const ASN1_TIME* time) {
  std::tm utc{};
  if (ASN1_TIME_to_tm(time, &utc) != 1) return {};
  char text[32] = {};
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

core::Certificate described(X509* certificate) {
  core::Certificate told;
  told.subject = shown_name(X509_get_subject_name(certificate));
  told.issuer = shown_name(X509_get_issuer_name(certificate));
  told.not_before = shown_time(X509_get0_notBefore(certificate));
  told.not_after = shown_time(X509_get0_notAfter(certificate));
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned bytes = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &bytes);
  for (unsigned i = 0; i < bytes; ++i) {
    char two[3];
    std::snprintf(two, sizeof two, "%02x", digest[i]);
    told.fingerprint += two;
  }
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  told.pem = text_in(bio.get());
  return told;
}

Trust trust_of_error(int error) {
  switch (error) {
    case X509_V_OK: return Trust::trusted;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED: return Trust::unknown_issuer;
    case X509_V_ERR_CERT_NOT_YET_VALID:
    case X509_V_ERR_CERT_HAS_EXPIRED: return Trust::expired;
    default: return Trust::invalid;
  }
}

bool is_made_for(X509* certificate, const std::string& host) {
  return core::parse_address(host)
             ? X509_check_ip_asc(certificate, host.c_str(), 0) == 1
             : X509_check_host(certificate, host.c_str(), host.size(), 0, nullptr) == 1;
}

struct Verification {
  Trust trust = Trust::not_judged;
  X509Owner authority;  // that the chain ends in, where it is trusted
};

Verification verified(const Certificates& presented, const std::string& host, X509_STORE* store) {
  Verification found;
  const StoreContext context(X509_STORE_CTX_new());
  STACK_OF(X509)* const others = sk_X509_new_null();
  for (std::size_t i = 1; i < presented.size(); ++i) sk_X509_push(others, presented[i].get());
  if (X509_STORE_CTX_init(context.get(), store, presented.front().get(), others) == 1) {
    X509_STORE_CTX_set_purpose(context.get(), X509_PURPOSE_SSL_SERVER);
    X509_verify_cert(context.get());
    found.trust = trust_of_error(X509_STORE_CTX_get_error(context.get()));
    const STACK_OF(X509)* const chain = X509_STORE_CTX_get0_chain(context.get());
    if (found.trust == Trust::trusted && sk_X509_num(chain) > 0) {
      X509* const last = sk_X509_value(chain, sk_X509_num(chain) - 1);
      X509_up_ref(last);
      found.authority.reset(last);
    }
    if (found.trust == Trust::trusted && !is_made_for(presented.front().get(), host))
      found.trust = Trust::wrong_host;
  }
  sk_X509_free(others);
  ERR_clear_error();
  return found;
}

bool is_among(const Certificates& all, const X509* one) {
  return std::any_of(all.begin(), all.end(),
                     [&](const X509Owner& other) { return X509_cmp(other.get(), one) == 0; });
}

// The file behind a hashed name of the store; empty where there is none.
std::string file_of(const X509* authority, const std::string& directory) {
  constexpr int same_hash_max = 16;
  for (int i = 0; i < same_hash_max; ++i) {
    char name[32];
    std::snprintf(name, sizeof name, "/%08lx.%d",
                  X509_NAME_hash_ex(X509_get_subject_name(authority), nullptr, nullptr, nullptr),
                  i);
    Certificates found;
    read_certificate_file(directory + name, found);
    if (found.empty()) return {};
    if (!is_among(found, authority)) continue;
    const std::unique_ptr<char, Freed<std::free>> real(
        realpath((directory + name).c_str(), nullptr));
    return real ? std::string(real.get()) : directory + name;
  }
  return {};
}

Store store_of(const Certificates& authorities) {
  Store store(X509_STORE_new());
  for (const X509Owner& one : authorities) X509_STORE_add_cert(store.get(), one.get());
  return store;
}

}  // namespace

core::Chain judged_chain(const ChainQuestion& question, const TrustStores& stores) {
  core::Chain chain;
  chain.node_uses_system_store = question.node_uses_system_store;
  Certificates presented;
  for (const std::string& pem : question.pems) read_certificates(pem, presented);
  for (const X509Owner& one : presented) chain.presented.push_back(described(one.get()));
  if (presented.empty()) return chain;

  const Store system(X509_STORE_new());
  X509_STORE_load_path(system.get(), stores.system.c_str());
  const Verification by_system = verified(presented, question.host, system.get());
  chain.by_system = by_system.trust;

  Certificates nodes = certificates_in(stores.mozilla);
  const bool is_set_known = !nodes.empty();
  const bool is_local =
      by_system.authority && is_set_known && !is_among(nodes, by_system.authority.get());
  read_certificate_file(question.extra_ca_file, nodes);
  const Trust by_nodes = verified(presented, question.host, store_of(nodes).get()).trust;
  // Without Mozilla's set only a yes is sure: by NODE_EXTRA_CA_CERTS.
  if (is_set_known || by_nodes == Trust::trusted) chain.by_node = by_nodes;
  if (question.node_uses_system_store && chain.by_node != Trust::trusted)
    chain.by_node = chain.by_system;
  if (is_local) {
    chain.local_authority = described(by_system.authority.get());
    chain.authority_file = file_of(by_system.authority.get(), stores.system);
  }
  return chain;
}

}  // namespace authd::io
