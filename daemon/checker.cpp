#include "daemon/checker.hpp"

#include <asio/post.hpp>

#include "daemon/core/check.hpp"
#include "daemon/reach_visit.hpp"
#include "protocol/limits.hpp"

namespace authd {

// What belongs to one check. `stream` is used on the worker until the transfer is done.
struct Checker::Probe {
  core::ProbeTarget target;
  core::HttpRequest request;  // without headers and body
  core::StreamReader stream;
  std::optional<std::chrono::steady_clock::time_point> first_token;
  Done done;

  // Whether the answer is enough.
  bool feed(std::string_view bytes) {
    const bool is_enough = stream.feed(bytes);
    if (!first_token && (stream.parts().content || stream.parts().tool_call))
      first_token = std::chrono::steady_clock::now();
    return is_enough;
  }
  // Counted back from the end, so that the wait for a turn is no part of it.
  void time_first_token(core::HttpResponse& response) const {
    if (!first_token) return;
    response.first_token = response.latency - std::chrono::duration_cast<std::chrono::milliseconds>(
                                                  std::chrono::steady_clock::now() - *first_token);
  }
  io::HttpClient::Ticket transfer = 0;
};

// Who has which models, asked with one request or two.
struct Checker::Question {
  core::ProbeTarget target;
  Discovered done;
  io::HttpClient::Ticket transfer = 0;
};

bool Checker::has_room() const { return running() < limits::probes_max; }

io::HttpClient& Checker::http() {
  if (!http_) http_ = io::make_curl_client();
  return *http_;
}

Checker::Ticket Checker::start(core::ProbeTarget target, const core::Environment& environment,
                               std::chrono::milliseconds timeout, Done done) {
  const Ticket ticket = next_++;
  core::HttpRequest request = core::probe_request(target, environment, timeout);
  core::HttpRequest remembered;
  remembered.method = request.method;
  remembered.url = request.url;
  remembered.proxy = request.proxy;
  core::StreamReader stream(target.protocol, target.answer_depth());
  const auto probe = std::make_shared<Probe>(
      Probe{std::move(target), std::move(remembered), std::move(stream), {}, std::move(done)});
  running_.emplace(ticket, probe);
  probe->transfer = http().start(
      {std::move(request), [probe](std::string_view bytes) { return probe->feed(bytes); },
       [this, ticket, probe](core::HttpResponse response) {
         probe->stream.finish();
         probe->time_first_token(response);
         core::Verdict verdict = core::judge_depth(
             core::classify(probe->target, probe->request, response, probe->stream), probe->target,
             response, probe->stream);
         asio::post(io_, [this, ticket, verdict = std::move(verdict)]() mutable {
           finish(ticket, std::move(verdict));
         });
       }});
  return ticket;
}

Checker::Ticket Checker::discover(core::ProbeTarget target, const core::Environment& environment,
                                  std::chrono::milliseconds timeout, Discovered done) {
  const Ticket ticket = next_++;
  core::HttpRequest request = core::discovery_request(target, environment, timeout);
  const auto question = std::make_shared<Question>(Question{std::move(target), std::move(done)});
  questions_.emplace(ticket, question);
  ask(ticket, question, std::move(request));
  return ticket;
}

void Checker::ask(Ticket ticket, const std::shared_ptr<Question>& question,
                  core::HttpRequest request) {
  core::HttpRequest copy = request;
  question->transfer = http().start(
      {std::move(request), [](std::string_view) { return false; },
       [this, ticket, request = std::move(copy)](core::HttpResponse response) mutable {
         asio::post(io_, [this, ticket, request = std::move(request),
                          response = std::move(response)] { heard(ticket, request, response); });
       }});
}

void Checker::heard(Ticket ticket, const core::HttpRequest& request,
                    const core::HttpResponse& response) {
  const auto found = questions_.find(ticket);
  if (found == questions_.end()) return;
  const auto question = found->second;
  core::Discovery discovery = core::read_discovery(question->target, request, response);
  auto second = core::second_discovery_request(question->target, request, discovery);
  if (second && second->url != request.url) return ask(ticket, question, *std::move(second));
  questions_.erase(found);
  question->done(std::move(discovery));
}

Checker::Ticket Checker::reach(core::ReachTarget target, const core::Environment& environment,
                               std::chrono::milliseconds timeout, Reached done) {
  const Ticket ticket = next_++;
  const auto visit = std::make_shared<ReachVisit>(
      io_, http(), std::move(target), environment, timeout,
      [this, ticket, done = std::move(done)](core::Reach reach) mutable {
        visits_.erase(ticket);
        done(std::move(reach));
      });
  visits_.emplace(ticket, visit);
  visit->start();
  return ticket;
}

void Checker::cancel(Ticket ticket) {
  if (const auto visit = visits_.find(ticket); visit != visits_.end()) {
    visit->second->cancel();
    visits_.erase(visit);
    return;
  }
  if (const auto question = questions_.find(ticket); question != questions_.end()) {
    http_->cancel(question->second->transfer);
    questions_.erase(question);
    return;
  }
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
