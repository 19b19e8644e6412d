#include "daemon/reach_visit.hpp"

#include <algorithm>
#include <asio/post.hpp>

#include "daemon/core/url.hpp"
#include "daemon/io/tls_chain.hpp"

namespace authd {
namespace {

constexpr std::size_t ways_max = 8;

}  // namespace

ReachVisit::ReachVisit(asio::io_context& io, io::HttpClient& http, core::ReachTarget target,
                       const core::Environment& environment, std::chrono::milliseconds timeout,
                       Done done)
    : io_(io),
      http_(http),
      target_(std::move(target)),
      proxy_(core::proxy_for(target_.url, environment)),
      extra_ca_file_(environment.get("NODE_EXTRA_CA_CERTS")),
      timeout_(timeout),
      done_(std::move(done)) {
  const core::Url url = core::parse_url(target_.url);
  reach_.url = target_.url;
  reach_.host = url.host;
  reach_.port = !url.port.empty() ? url.port : url.scheme == "https" ? "443" : "80";
  reach_.chain.node_uses_system_store = core::node_uses_system_store(environment);
}

void ReachVisit::start() {
  ways_left_ = 1;  // the look-up, which becomes as many ways as there are addresses
  look(look_at(io::LookAt::addresses, {}, {}),
       [this](io::Looked looked) { saw_addresses(std::move(looked)); });
  if (proxy_.empty()) return;
  ++ways_left_;
  reach_.proxied = core::Way{};
  reach_.proxied->address = core::parse_url(proxy_).origin();
  look(look_at(io::LookAt::connection, {}, proxy_), [this](const io::Looked& looked) {
    saw_way(*reach_.proxied, looked);
    went_one_way();
  });
}

void ReachVisit::cancel() {
  cancelled_ = true;
  for (const io::HttpClient::Ticket ticket : looks_) http_.cancel(ticket);
}

io::Look ReachVisit::look_at(io::LookAt at, const std::string& address,
                             const std::string& proxy) const {
  return {.at = at,
          .url = target_.url,
          .address = address,
          .proxy = proxy,
          .allows_guarded_address = target_.allows_guarded_address,
          .timeout = timeout_};
}

// `seen` is called on the io thread, unless the visit was cancelled.
void ReachVisit::look(io::Look look, Seen seen) {
  looks_.push_back(http_.look(std::move(look), [self = shared_from_this(),
                                                seen = std::move(seen)](io::Looked looked) mutable {
    asio::io_context& io = self->io_;
    asio::post(
        io, [self = std::move(self), seen = std::move(seen), looked = std::move(looked)]() mutable {
          if (!self->cancelled_) seen(std::move(looked));
        });
  }));
}

void ReachVisit::saw_addresses(io::Looked looked) {
  reach_.look_up = looked.fault;
  reach_.look_up_text = std::move(looked.fault_text);
  const auto add = [this](const std::string& address, bool is_resolved) {
    const auto same = [&](const core::Way& way) { return way.address == address; };
    if (std::ranges::any_of(reach_.direct, same) || reach_.direct.size() == ways_max) return;
    core::Way way;
    way.address = address;
    way.is_resolved = is_resolved;
    reach_.direct.push_back(std::move(way));
  };
  for (const std::string& address : looked.addresses) add(address, true);
  // A server may listen on the loopback address that is not meant here.
  if (reach_.host == "localhost" || reach_.host == "127.0.0.1" || reach_.host == "::1") {
    add("127.0.0.1", false);
    add("::1", false);
  }
  ways_left_ += reach_.direct.size();
  for (std::size_t i = 0; i < reach_.direct.size(); ++i)
    look(look_at(io::LookAt::connection, reach_.direct[i].address, {}),
         [this, i](const io::Looked& found) {
           saw_way(reach_.direct[i], found);
           went_one_way();
         });
  went_one_way();
}

void ReachVisit::saw_way(core::Way& way, const io::Looked& looked) {
  way.fault = looked.fault;
  way.fault_text = looked.fault_text;
  way.proxy_status = looked.proxy_status;
  way.latency = looked.latency;
}

void ReachVisit::went_one_way() {
  if (--ways_left_ == 0) look_at_certificates();
}

void ReachVisit::look_at_certificates() {
  const bool is_https = core::parse_url(target_.url).scheme == "https";
  const auto first =
      std::ranges::find_if(reach_.direct, [](const core::Way& way) { return way.works(); });
  const bool is_reached = reach_.proxied ? reach_.proxied->works() : first != reach_.direct.end();
  if (!is_https || !is_reached) return finish();
  const std::string address = reach_.proxied ? std::string() : first->address;
  const auto seen = [this](io::Looked looked, core::Chain chain) {
    reach_.chain = std::move(chain);
    reach_.tls = looked.fault;
    reach_.tls_text = std::move(looked.fault_text);
    finish();
  };
  // Judged on the worker, because the authorities are files.
  io::ChainQuestion question{{}, reach_.host, extra_ca_file_, reach_.chain.node_uses_system_store};
  looks_.push_back(http_.look(
      look_at(io::LookAt::certificates, address, proxy_),
      [self = shared_from_this(), seen, question = std::move(question)](io::Looked looked) mutable {
        question.pems = std::move(looked.chain);
        core::Chain chain = io::judged_chain(question);
        asio::io_context& io = self->io_;
        asio::post(io, [self = std::move(self), seen, looked = std::move(looked),
                        chain = std::move(chain)]() mutable {
          if (!self->cancelled_) seen(std::move(looked), std::move(chain));
        });
      }));
}

void ReachVisit::finish() { done_(std::move(reach_)); }

}  // namespace authd
