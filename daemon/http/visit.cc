#include "daemon/http/visit.h"

#include <sys/socket.h>
#include <unistd.h>

namespace signinwatch {

Visit::Visit(int socket, Peer peer, std::shared_ptr<const WebAccess::State> access)
    : socket_(socket), peer_(std::move(peer)), access_(std::move(access)) {
  if (access_->tls == nullptr) {
    transport_ = std::make_unique<PlainTransport>(socket);
  } else {
    transport_ = access_->tls->Accept(socket);
  }
}

Visit::~Visit() {
  transport_.reset();
  ::close(socket_);
}

void Visit::TurnAway(const std::string& answer) {
  if (!answer.empty()) (void)transport_->Write(answer.data(), answer.size());
  transport_->Finish();
  ::shutdown(socket_, SHUT_WR);
  char unread[4096];
  for (int i = 0; i < 16 && ::recv(socket_, unread, sizeof(unread), MSG_DONTWAIT) > 0;) ++i;
}

}  // namespace signinwatch
