// doctor.run and doctor.fix. Io thread only: files are looked at, judged and mended on the settings
// thread, the provider is asked by the checker.
#pragma once

#include "daemon/settings_jobs.hpp"
#include "protocol/doctor_messages.hpp"

namespace authd {

class DoctorService {
 public:
  explicit DoctorService(Services& services) : services_(services) {}
  void bind(rpc::Dispatcher& dispatcher);

 private:
  struct Examination;
  using Shared = std::shared_ptr<Examination>;

  void run(DoctorRun params, rpc::Request request);
  void fix(DoctorFix params, rpc::Request request);
  void ask(const Shared& examination);
  void visit(const Shared& examination);
  void look_at_host(const Shared& examination);
  void heard(const Shared& examination);
  void answer(const Shared& examination);
  void answer_unasked(const Shared& examination, const std::string& reason);
  void cancel(const Shared& examination);
  void refuse(const Shared& examination, const Error& error);

  Services& services_;
};

}  // namespace authd
