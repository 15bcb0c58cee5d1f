#include "daemon/http/reception.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <string>
#include <utility>

#include "daemon/log/log.h"

namespace signinwatch {

using std::chrono::milliseconds;

Reception::Reception(const Listener& listener, const HttpLimits& limits, const ClosingTime& closing,
                     Begin begin, Arrived arrived)
    : listener_(listener),
      limits_(limits),
      closing_(closing),
      begin_(std::move(begin)),
      arrived_(std::move(arrived)),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::thread([this] { Run(); });
}

Reception::~Reception() {
  const uint64_t one = 1;
  if (::write(wake_, &one, sizeof(one)) < 0) {
    Log(LogLevel::kError, "the HTTP listener could not be woken",
        {{"error", std::strerror(errno)}});
  }
  thread_.join();
  ::close(wake_);
}

Reception::Clock::time_point Reception::DeadlineOf(const Visit& visit) const {
  if (closing_.begun() && visit.received.empty()) return visit.since;
  return std::min(visit.since + limits_.request_timeout, closing_.end());
}

milliseconds Reception::UntilNextDeadline() const {
  constexpr milliseconds kLongest(1'000);
  if (arrivals_.empty()) return accept_again_ > Clock::now() ? milliseconds(100) : kLongest;
  const auto left =
      std::chrono::ceil<milliseconds>(DeadlineOf(*arrivals_.front().visit) - Clock::now());
  return std::clamp(left, milliseconds(0), milliseconds(100));
}

void Reception::Run() {
  std::vector<pollfd> watched;
  while (!closing_.begun() || !arrivals_.empty()) {
    watched.clear();
    const bool accepts = !closing_.begun() && Clock::now() >= accept_again_;
    watched.push_back({wake_, static_cast<short>(closing_.begun() ? 0 : POLLIN), 0});
    watched.push_back({listener_.socket(), static_cast<short>(accepts ? POLLIN : 0), 0});
    for (const Arriving& arriving : arrivals_) {
      watched.push_back({arriving.visit->socket(), arriving.wait_for, 0});
    }
    if (::poll(watched.data(), watched.size(), static_cast<int>(UntilNextDeadline().count())) > 0) {
      size_t at = 2;
      for (auto arriving = arrivals_.begin(); arriving != arrivals_.end(); ++at) {
        const bool gone = watched[at].revents != 0 && !Hear(&*arriving);
        arriving = gone ? arrivals_.erase(arriving) : std::next(arriving);
      }
      if (accepts && watched[1].revents != 0) Accept();
    }
    Expire();
  }
}

void Reception::Accept() {
  constexpr int kAtOnce = 64;  // then those who ask are heard again
  for (int i = 0; i < kAtOnce; ++i) {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    const int socket = ::accept4(listener_.socket(), reinterpret_cast<sockaddr*>(&address), &size,
                                 SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket >= 0) {
      const Peer peer = PeerOf(address);
      MakeRoomFor(peer);
      arrivals_.push_back({.visit = begin_(socket, peer), .wait_for = POLLIN});
      // Most have asked by now.
      if (!Hear(&arrivals_.back())) arrivals_.pop_back();
      continue;
    }
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      Log(LogLevel::kWarning, "no room for another HTTP connection",
          {{"error", std::strerror(errno)}});
      accept_again_ = Clock::now() + milliseconds(100);
    }
    // All other errors are of a connection that is gone already, or that there is none.
    return;
  }
}

void Reception::MakeRoomFor(const Peer& peer) {
  std::map<std::string, size_t> counts;
  for (const Arriving& arriving : arrivals_) ++counts[arriving.visit->peer().network];
  std::string from;
  if (counts[peer.network] >= limits_.arriving_of_peer_max) {
    from = peer.network;
  } else if (arrivals_.size() >= limits_.arriving_max) {
    from = std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
             return a.second < b.second;
           })->first;
  } else {
    return;
  }
  const auto oldest = std::find_if(
      arrivals_.begin(), arrivals_.end(),
      [&from](const Arriving& arriving) { return arriving.visit->peer().network == from; });
  oldest->visit->TurnAway("");
  arrivals_.erase(oldest);
  ++ended_for_room_;
}

bool Reception::Hear(Arriving* arriving) {
  constexpr std::string_view kEndOfHead = "\r\n\r\n";
  constexpr int kReadsAtOnce = 8;  // then it is another's turn
  Visit& visit = *arriving->visit;
  char bytes[8 * 1024];
  for (int i = 0; i < kReadsAtOnce; ++i) {
    const size_t room = limits_.request_bytes_max - visit.received.size();
    const Transport::Result got = visit.transport().Read(bytes, std::min(room, sizeof(bytes)));
    if (got.bytes < 0) {
      arriving->wait_for = got.wait_for;
      if (got.wait_for != 0) return true;
      visit.TurnAway("");
      return false;
    }
    visit.ended = got.bytes == 0;
    if (visit.ended && visit.received.empty()) return false;
    const size_t before = visit.received.size();
    visit.received.append(bytes, static_cast<size_t>(got.bytes));
    const size_t from = before < kEndOfHead.size() ? 0 : before - kEndOfHead.size() + 1;
    if (visit.ended || visit.received.size() >= limits_.request_bytes_max ||
        visit.received.find(kEndOfHead, from) != std::string::npos) {
      arrived_(std::move(arriving->visit));
      return false;
    }
  }
  arriving->wait_for = POLLIN;
  return true;
}

void Reception::Expire() {
  const Clock::time_point now = Clock::now();
  std::erase_if(arrivals_, [&](Arriving& arriving) {
    if (DeadlineOf(*arriving.visit) > now) return false;
    arriving.visit->TurnAway("");
    return true;
  });
}

}  // namespace signinwatch
