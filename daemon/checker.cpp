#include "daemon/checker.hpp"

#include <asio/post.hpp>

#include "protocol/limits.hpp"

namespace authd {

// What belongs to one check. `stream` is used on the worker until the transfer is done.
struct Checker::Probe {
  core::ProbeTarget target;
  core::HttpRequest request;  // without headers and body
  core::StreamReader stream;
  Done done;
  io::HttpClient::Ticket transfer = 0;
};

bool Checker::has_room() const { return running_.size() < limits::probes_max; }

Checker::Ticket Checker::start(core::ProbeTarget target, const core::Environment& environment,
                               std::chrono::milliseconds timeout, Done done) {
  if (!http_) http_ = io::make_curl_client();
  const Ticket ticket = next_++;
  core::HttpRequest request = core::probe_request(target, environment, timeout);
  core::HttpRequest remembered;
  remembered.method = request.method;
  remembered.url = request.url;
  remembered.proxy = request.proxy;
  core::StreamReader stream(target.protocol);
  const auto probe = std::make_shared<Probe>(
      Probe{std::move(target), std::move(remembered), std::move(stream), std::move(done)});
  running_.emplace(ticket, probe);
  probe->transfer = http_->start(
      {std::move(request), [probe](std::string_view bytes) { return probe->stream.feed(bytes); },
       [this, ticket, probe](core::HttpResponse response) {
         probe->stream.finish();
         core::Verdict verdict =
             core::classify(probe->target, probe->request, response, probe->stream);
         asio::post(io_, [this, ticket, verdict = std::move(verdict)]() mutable {
           finish(ticket, std::move(verdict));
         });
       }});
  return ticket;
}

void Checker::cancel(Ticket ticket) {
  const auto found = running_.find(ticket);
  if (found == running_.end()) return;
  http_->cancel(found->second->transfer);
  const core::ProbeTarget& target = found->second->target;
  finish(ticket, core::not_tested(target, "cancelled", "The check was cancelled."));
}

void Checker::finish(Ticket ticket, core::Verdict verdict) {
  const auto found = running_.find(ticket);
  if (found == running_.end()) return;
  const auto probe = std::move(found->second);
  running_.erase(found);
  probe->done(std::move(verdict));
}

}  // namespace authd
