// A strict SMTP server on a socket of the loopback address, with STARTTLS or TLS from the first
// byte (RFC 5321, 3207, 4954). Out of order is 503, in the clear 530, as is without log-in where
// one is asked for.
#ifndef SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_MAIL_SERVER_H_
#define SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_MAIL_SERVER_H_

#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "tests/daemon/http_client/tls_peer.h"
#include "tests/daemon/http_client/web_server.h"

namespace signinwatch::http_client {

struct MailServerRules {
  bool implicit_tls = false;
  bool starttls = true;  // is offered
  // Base64 of "\0user\0password"; empty: none is asked for.
  std::string log_in = {};
  // Instead of what is right, by the command's first word; "GREETING", and "." for the end of a
  // mail, which is taken nevertheless. Empty: the connection ends.
  std::map<std::string, std::string> replies = {};
};

struct TakenMail {
  std::string from;
  std::vector<std::string> to;
  std::string data;  // without the dots that were stuffed
};

class MailServer {
 public:
  MailServer(const Certificate& certificate, MailServerRules rules)
      : certificate_(certificate),
        rules_(std::move(rules)),
        server_([this](int fd) { Serve(fd); }) {}

  [[nodiscard]] std::string address() const {
    return "127.0.0.1:" + std::to_string(server_.port());
  }
  std::vector<TakenMail> mails() {
    const std::lock_guard lock(mutex_);
    return mails_;
  }
  std::vector<std::string> commands() {
    const std::lock_guard lock(mutex_);
    return commands_;
  }

 private:
  void Serve(int fd) {
    TlsPeer peer(fd);
    if (rules_.implicit_tls && !peer.StartTls(certificate_)) return;
    std::string bytes;
    bool greeted = false;
    bool logged_in = rules_.log_in.empty();
    TakenMail mail;
    if (!Reply(&peer, "GREETING", "220 mail.test ESMTP")) return;
    for (std::string line; ReadLine(&peer, &bytes, &line);) {
      const std::string word = line.substr(0, line.find(' '));
      {
        const std::lock_guard lock(mutex_);
        commands_.push_back(word);
      }
      if (word == "QUIT") {
        peer.Write("221 bye\r\n");
        return;
      }
      std::string reply = "503 out of order";
      if (word == "EHLO") {
        greeted = true;
        reply = "250-mail.test\r\n250-8BITMIME\r\n";
        if (!peer.tls() && rules_.starttls) reply += "250-STARTTLS\r\n";
        if (peer.tls() && !rules_.log_in.empty()) reply += "250-AUTH PLAIN\r\n";
        reply += "250 SIZE 1000000";
      } else if (word == "STARTTLS" && greeted && !peer.tls()) {
        if (!Reply(&peer, word, "220 go ahead")) return;
        if (rules_.replies.contains(word)) continue;
        if (!peer.StartTls(certificate_)) return;
        greeted = false;
        continue;
      } else if (!peer.tls()) {
        reply = "530 STARTTLS first";
      } else if (word == "AUTH" && greeted) {
        peer.Write("334 \r\n");
        if (!ReadLine(&peer, &bytes, &line)) return;
        logged_in = line == rules_.log_in;
        reply = logged_in ? "235 welcome" : "535 no";
      } else if (!logged_in) {
        reply = "530 log in";
      } else if (word == "NOOP") {
        reply = "250 ok";
      } else if (word == "MAIL" && greeted && mail.from.empty()) {
        mail.from = Address(line);
        reply = line.starts_with("MAIL FROM:<") ? "250 ok" : "501 syntax";
      } else if (word == "RCPT" && !mail.from.empty()) {
        mail.to.push_back(Address(line));
        reply = line.starts_with("RCPT TO:<") ? "250 ok" : "501 syntax";
      } else if (word == "DATA" && !mail.to.empty()) {
        if (!Reply(&peer, word, "354 go on")) return;
        if (rules_.replies.contains(word)) continue;
        while (ReadLine(&peer, &bytes, &line) && line != ".") {
          mail.data += line.substr(line.starts_with(".") ? 1 : 0) + "\r\n";
        }
        if (line != ".") return;
        {
          const std::lock_guard lock(mutex_);
          mails_.push_back(std::exchange(mail, {}));
        }
        if (!Reply(&peer, ".", "250 taken")) return;
        continue;
      }
      if (!Reply(&peer, word, reply)) return;
    }
  }

  bool Reply(TlsPeer* peer, const std::string& to, std::string reply) {
    if (const auto other = rules_.replies.find(to); other != rules_.replies.end()) {
      if (other->second.empty()) return false;
      reply = other->second;
    }
    peer->Write(reply + "\r\n");
    return true;
  }

  static std::string Address(const std::string& line) {
    const size_t begin = line.find('<') + 1;
    return line.substr(begin, line.find('>') - begin);
  }

  static bool ReadLine(TlsPeer* peer, std::string* bytes, std::string* line) {
    size_t end = 0;
    while ((end = bytes->find("\r\n")) == std::string::npos) {
      const std::string block = peer->Read();
      if (block.empty()) return false;
      *bytes += block;
    }
    *line = bytes->substr(0, end);
    bytes->erase(0, end + 2);
    return true;
  }

  const Certificate certificate_;
  const MailServerRules rules_;
  std::mutex mutex_;
  std::vector<TakenMail> mails_;
  std::vector<std::string> commands_;
  RawServer server_;  // the last: its thread uses the rest
};

}  // namespace signinwatch::http_client

#endif  // SIGNINWATCH_TESTS_DAEMON_HTTP_CLIENT_MAIL_SERVER_H_
