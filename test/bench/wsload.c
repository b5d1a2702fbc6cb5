// wsload - small single-threaded epoll WebSocket load generator.
// Usage: wsload PLAN   (PLAN is written by harness.ts; tab separated, one directive a line)
// Knows WebSocket framing only. What to say is in the plan: per connection a path, headers,
// a script of sends (>) and expected substrings (<), and a publish template.
// A delivery is one marker "~m" + pub(4 hex) + seq(8 hex) + ns(16 hex) found in a received
// message, so servers may wrap or batch payloads as they like. Every delivery is checked for
// gaps, duplicates and order, per connection and publisher. One JSON object goes to stdout.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>
#include "load.h"

enum { MARK = 30, RBUF = 1 << 18 };
typedef struct { char *p; size_t len, cap; } Buf;
typedef struct {
  int fd, room, state;  // state: 0 idle, 1 connecting, 2 http, 3 script, 4 ready, 5 dead
  int pub;              // publisher index, or -1
  int port;             // of its server
  char *path, *hdr, *tpl;
  char **steps; int nsteps, step;
  Buf in, out; int want_out;
  uint32_t *last;       // per publisher of the room: last sequence seen
  uint64_t got, t_start;
  Buf frag;
} Conn;
typedef struct { int conn, slot; uint32_t sent, ackid; uint64_t recv, t_sent; int busy; } Pub;
typedef struct { int size, npub; char **tasks; int ntasks, *turn; } Room; // turn: per task, how often its status was set

static Conn *C; static int nC; static Pub *P; static int nP; static Room *R; static int nR;
static char host[64] = "127.0.0.1", mode[16] = "fanout"; static int port, opcode = 1, echo = 1;
static int inflight = 64, window_ = 8; static double warmup = 1, secs = 10, drain = 5, rate = 100, hold = 0, conn_limit = 120;
static char *ar_from[8], *ar_to[8]; static int n_ar;
static char *ackpat, *ackok;
static struct { char name[32]; int pid; double t0, t1; } G[8]; static int nG;
static int ep, n_ready, n_dead, n_pending, next_conn;
static uint64_t deliveries, gaps, dups, bad, frames, acks, nacks, reads_, rx_bytes;
static int phase; // 0 connect 1 warm 2 measure 3 drain
static uint64_t hist_d[64 * 64], hist_a[64 * 64];
static const char *die_why;

static void bput(Buf *b, const void *p, size_t n) {
  if (b->len + n > b->cap) { b->cap = (b->len + n) * 2 + 256; b->p = realloc(b->p, b->cap); if (!b->p) die("memory"); }
  memcpy(b->p + b->len, p, n); b->len += n;
}
static void arm(Conn *c, int out) {
  if (c->want_out == out) return;
  c->want_out = out; struct epoll_event e = {.events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = c}; epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e);
}
static void dead(Conn *c, const char *why) {
  if (c->state == 5) return;
  if (c->state == 4) n_ready--; else n_pending--;
  c->state = 5; n_dead++; if (!die_why) die_why = why; epoll_ctl(ep, EPOLL_CTL_DEL, c->fd, 0); close(c->fd);
}
static void flush_(Conn *c) {
  size_t o = 0;
  while (o < c->out.len) {
    ssize_t k = send(c->fd, c->out.p + o, c->out.len - o, MSG_NOSIGNAL);
    if (k < 0) { if (errno == EAGAIN) break; dead(c, "send failed"); return; }
    o += k;
  }
  memmove(c->out.p, c->out.p + o, c->out.len - o); c->out.len -= o; arm(c, c->out.len > 0);
}
static void frame(Conn *c, int op, const char *p, size_t n) {
  unsigned char h[14]; int k = 2; h[0] = 0x80 | op;
  if (n < 126) h[1] = 0x80 | n; else if (n < 65536) { h[1] = 0xfe; h[2] = n >> 8; h[3] = n; k = 4; } else die("frame too large");
  static const unsigned char m[4] = {0x37, 0xfa, 0x21, 0x3d}; memcpy(h + k, m, 4); bput(&c->out, h, k + 4);
  size_t at = c->out.len; bput(&c->out, p, n); for (size_t i = 0; i < n; i++) c->out.p[at + i] ^= m[i & 3];
}
static int hexv(const char *p, int n, uint64_t *v) {
  uint64_t r = 0; for (int i = 0; i < n; i++) { int ch = p[i], d = ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : -1; if (d < 0) return 0; r = r << 4 | d; }
  *v = r; return 1;
}
static void hexp(char *p, int n, uint64_t v) { while (n--) { p[n] = "0123456789abcdef"[v & 15]; v >>= 4; } }

// %M marker, %A ack id, %T a task of the room, %S its next status (never the one it has), %% percent
static uint64_t rs = 88172645463325252ull;
static uint64_t rnd(void) { rs ^= rs << 13; rs ^= rs >> 7; rs ^= rs << 17; return rs; }
static void publish(int pi, uint64_t stamp) {
  Pub *p = &P[pi]; Conn *c = &C[p->conn]; if (c->state != 4) return;
  static Buf b; b.len = 0; static const char *st[] = {"todo", "in_progress", "review", "done"}; int task = -1;
  p->sent++; p->ackid++; p->t_sent = stamp;
  for (char *t = c->tpl; *t; t++) {
    if (*t != '%') { bput(&b, t, 1); continue; }
    char m[64]; t++;
    if (*t == 'M') { memcpy(m, "~m", 2); hexp(m + 2, 4, pi); hexp(m + 6, 8, p->sent); hexp(m + 14, 16, stamp); bput(&b, m, MARK); }
    else if (*t == 'A') bput(&b, m, sprintf(m, "%u", p->ackid));
    else if (*t == 'T') { Room *r = &R[c->room]; task = r->ntasks ? (int)(rnd() % r->ntasks) : -1; const char *s = task >= 0 ? r->tasks[task] : "0"; bput(&b, s, strlen(s)); }
    else if (*t == 'S') { const char *s = st[(task >= 0 ? ++R[c->room].turn[task] : p->sent + pi) & 3]; bput(&b, s, strlen(s)); }
    else bput(&b, t, 1);
  }
  frame(c, opcode, b.p, b.len);
}
static void step(Conn *c) {
  while (c->step < c->nsteps && c->steps[c->step][0] == '>') { char *s = c->steps[c->step++] + 1; frame(c, opcode, s, strlen(s)); }
  if (c->out.len) flush_(c);
  if (c->state == 3 && c->step >= c->nsteps) { c->state = 4; n_ready++; n_pending--; }
}
static void message(Conn *c, int op, char *p, size_t n, uint64_t t) {
  frames++;
  if (op == 9) { frame(c, 10, p, n); flush_(c); return; }
  if (op == 8) { dead(c, "server closed"); return; }
  if (op == 10) return;
  for (int i = 0; i < n_ar; i++) if (n == strlen(ar_from[i]) && !memcmp(p, ar_from[i], n)) { frame(c, opcode, ar_to[i], strlen(ar_to[i])); flush_(c); return; }
  if (c->state == 3) {
    if (memmem(p, n, c->steps[c->step] + 1, strlen(c->steps[c->step] + 1))) { c->step++; step(c); }
    return;
  }
  char *q = p, *end = p + n; int marks = 0;
  while ((q = memmem(q, end - q, "~m", 2))) {
    uint64_t pi, seq, ts;
    if (end - q < MARK) { bad++; break; }
    if (hexv(q + 2, 4, &pi) && hexv(q + 6, 8, &seq) && hexv(q + 14, 16, &ts) && pi < (uint64_t)nP && C[P[pi].conn].room == c->room) {
      marks++; uint32_t *l = &c->last[P[pi].slot];
      if (seq == *l + 1) *l = seq; else if (seq > *l) { gaps += seq - *l - 1; *l = seq; } else { dups++; q += MARK; continue; }
      deliveries++; c->got++; P[pi].recv++;
      if (phase == 2) hadd(hist_d, t > ts ? t - ts : 0);
      q += MARK;
    } else { bad++; q += 2; }
  }
  if (c->pub >= 0 && ackpat && P[c->pub].busy) {
    char a[128], *w = a; for (char *s = ackpat; *s; s++) if (*s == '%' && s[1] == 'A') { w += sprintf(w, "%u", P[c->pub].ackid); s++; } else *w++ = *s;
    if (memmem(p, n, a, w - a)) {
      Pub *b = &P[c->pub]; b->busy = 0; if (phase == 2) hadd(hist_a, t - b->t_sent);
      if (!ackok || memmem(p, n, ackok, strlen(ackok))) acks++; else { nacks++; if (nacks < 4) fprintf(stderr, "nack: %.*s\n", (int)(n < 200 ? n : 200), p); }
    }
  }
}
static char rb[RBUF];
static void readable(Conn *c) {
  ssize_t k = recv(c->fd, rb, RBUF, 0);
  if (k == 0) { dead(c, "eof"); return; }
  if (k < 0) { if (errno != EAGAIN) dead(c, "recv failed"); return; }
  reads_++; rx_bytes += k; uint64_t t = now();
  char *p = rb; size_t n = k;
  if (c->in.len) { bput(&c->in, rb, k); p = c->in.p; n = c->in.len; }
  size_t o = 0;
  if (c->state == 2) {
    char *e = memmem(p, n, "\r\n\r\n", 4);
    if (!e) { if (p == rb) bput(&c->in, rb, k); return; }
    if (n < 12 || memcmp(p + 9, "101", 3)) { fprintf(stderr, "upgrade refused: %.*s\n", (int)(n < 300 ? n : 300), p); dead(c, "upgrade refused"); return; }
    o = e + 4 - p; c->state = 3; step(c);
  }
  while (n - o >= 2 && c->state != 5) {
    unsigned char *h = (unsigned char *)p + o; size_t len = h[1] & 127, k2 = 2;
    if (len == 126) { if (n - o < 4) break; len = h[2] << 8 | h[3]; k2 = 4; }
    else if (len == 127) { if (n - o < 10) break; len = 0; for (int i = 0; i < 8; i++) len = len << 8 | h[2 + i]; k2 = 10; }
    if (n - o < k2 + len) break;
    int op = h[0] & 15, fin = h[0] & 0x80; char *d = (char *)h + k2;
    if (h[0] & 0x40) { dead(c, "compressed frame"); break; }
    if (op < 8 && (!fin || op == 0)) { bput(&c->frag, d, len); if (fin) { message(c, 1, c->frag.p, c->frag.len, t); c->frag.len = 0; } }
    else message(c, op, d, len, t);
    o += k2 + len;
  }
  if (c->state == 5) return;
  if (p == rb) { if (o < n) { bput(&c->in, p + o, n - o); } } else { memmove(c->in.p, c->in.p + o, n - o); c->in.len = n - o; }
}
static void open_conn(Conn *c) {
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0); if (c->fd < 0) die("socket: %s", strerror(errno));
  int one = 1; setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct linger lg = {1, 0}; setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &lg, sizeof lg);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(c->port)}; inet_pton(AF_INET, host, &a.sin_addr);
  c->state = 1; n_pending++; c->t_start = now();
  if (connect(c->fd, (void *)&a, sizeof a) && errno != EINPROGRESS) { c->state = 5; n_pending--; n_dead++; die_why = "connect"; close(c->fd); return; }
  struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c}; c->want_out = 1; epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e);
}
static void event(Conn *c, uint32_t ev) {
  if (c->state == 5 || c->state == 0) return;
  if (c->state == 1) {
    if (ev & (EPOLLERR | EPOLLHUP)) { dead(c, "connect refused"); return; }
    char b[4096]; int n = snprintf(b, sizeof b, "GET %s HTTP/1.1\r\nHost: %s:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n", c->path, host, c->port, c->hdr);
    bput(&c->out, b, n); c->state = 2; flush_(c); return;
  }
  if (ev & EPOLLOUT) flush_(c);
  if (ev & (EPOLLIN | EPOLLHUP | EPOLLERR) && c->state != 5) readable(c);
}
static void poll_(int ms) {
  struct epoll_event ev[1024]; int n = epoll_wait(ep, ev, 1024, ms);
  for (int i = 0; i < n; i++)
    if (ev[i].data.ptr) event(ev[i].data.ptr, ev[i].events); // null: the pacing timer, which the loop re-arms (and so clears)
}
static void plan(const char *f) {
  FILE *fp = fopen(f, "r"); if (!fp) die("plan"); char *line = 0; size_t cap = 0; ssize_t k;
  while ((k = getline(&line, &cap, fp)) > 0) {
    if (line[k - 1] == '\n') line[--k] = 0;
    char *d = strdup(line), *t[8] = {0}; int n = 0; while (d && n < 8) t[n++] = strsep(&d, "\t");
    if (!strcmp(t[0], "port")) port = atoi(t[1]); else if (!strcmp(t[0], "mode")) strcpy(mode, t[1]);
    else if (!strcmp(t[0], "opcode")) opcode = atoi(t[1]); else if (!strcmp(t[0], "echo")) echo = atoi(t[1]);
    else if (!strcmp(t[0], "inflight")) inflight = atoi(t[1]); else if (!strcmp(t[0], "window")) window_ = atoi(t[1]);
    else if (!strcmp(t[0], "warmup")) warmup = atof(t[1]); else if (!strcmp(t[0], "secs")) secs = atof(t[1]);
    else if (!strcmp(t[0], "drain")) drain = atof(t[1]); else if (!strcmp(t[0], "rate")) rate = atof(t[1]);
    else if (!strcmp(t[0], "hold")) hold = atof(t[1]); else if (!strcmp(t[0], "connlimit")) conn_limit = atof(t[1]);
    else if (!strcmp(t[0], "autoreply")) { ar_from[n_ar] = unesc(t[1]); ar_to[n_ar++] = unesc(t[2]); }
    else if (!strcmp(t[0], "ack")) ackpat = unesc(t[1]); else if (!strcmp(t[0], "ackok")) ackok = unesc(t[1]);
    else if (!strcmp(t[0], "cpu")) { strncpy(G[nG].name, t[1], 31); G[nG++].pid = atoi(t[2]); }
    else if (!strcmp(t[0], "room")) {
      R = realloc(R, (nR + 1) * sizeof *R); memset(&R[nR], 0, sizeof *R);
      if (t[1]) for (char *s = strtok(t[1], ","); s; s = strtok(0, ",")) { R[nR].tasks = realloc(R[nR].tasks, (R[nR].ntasks + 1) * sizeof(char *)); R[nR].tasks[R[nR].ntasks++] = s; }
      R[nR].turn = calloc(R[nR].ntasks + 1, sizeof(int)); nR++;
    } else if (!strcmp(t[0], "conn")) { // room flags path headers template steps [port]
      C = realloc(C, (nC + 1) * sizeof *C); Conn *c = &C[nC]; memset(c, 0, sizeof *c);
      c->room = atoi(t[1]); c->port = t[7] ? atoi(t[7]) : port; if (c->room >= nR) die("room"); c->pub = -1; c->path = unesc(t[3]); c->hdr = unesc(t[4]); c->tpl = unesc(t[5]);
      if (strchr(t[2], 'P')) { P = realloc(P, (nP + 1) * sizeof *P); memset(&P[nP], 0, sizeof *P); P[nP].conn = nC; P[nP].slot = R[c->room].npub++; P[nP].ackid = 100000000; c->pub = nP++; }
      R[c->room].size++;
      if (t[6] && *t[6]) { char *s = t[6], *e; while ((e = strsep(&s, "\x1f"))) { c->steps = realloc(c->steps, (c->nsteps + 1) * sizeof(char *)); c->steps[c->nsteps++] = unesc(e); } }
      nC++;
    }
  }
  fclose(fp);
}
static int expect(int pi) { return R[C[P[pi].conn].room].size - (echo ? 0 : 1); }
static void pump(void) { // closed loop: keep the window full
  for (int i = 0; i < nP; i++) {
    Conn *c = &C[P[i].conn]; uint64_t E = expect(i), any = 0;
    if (!strcmp(mode, "txn")) { if (!P[i].busy && c->state == 4) { P[i].busy = 1; publish(i, now()); any = 1; } }
    else while ((uint64_t)P[i].sent * E < P[i].recv + window_ * E && c->state == 4) { publish(i, now()); any = 1; }
    if (any) flush_(c);
  }
}
int main(int argc, char **argv) {
  if (argc < 2) die("usage: wsload PLAN");
  plan(argv[1]); signed char txn = !strcmp(mode, "txn"), rated = !strcmp(mode, "rate"), conn = !strcmp(mode, "connect");
  for (int i = 0; i < nC; i++) C[i].last = calloc(R[C[i].room].npub + 1, 4);
  ep = epoll_create1(0);
  for (int g = 0; g < nG; g++) G[g].t0 = cpu_of(G[g].pid);
  uint64_t c0 = now();
  while (n_ready + n_dead < nC) {
    while (next_conn < nC && n_pending < inflight) open_conn(&C[next_conn++]);
    poll_(100);
    if (now() - c0 > conn_limit * 1e9) die("connect: %d of %d ready after %.0f s (%d dead: %s)", n_ready, nC, conn_limit, n_dead, die_why ? die_why : "-");
  }
  double ct = (now() - c0) / 1e9;
  if (n_dead) die("connect: %d dead: %s", n_dead, die_why);
  printf("{\"conns\":%d,\"rooms\":%d,\"pubs\":%d,\"connect_s\":%.4f,\"connect_per_s\":%.1f", nC, nR, nP, ct, nC / ct);
  for (int g = 0; g < nG; g++) printf(",\"connect_cpu_%s_s\":%.3f", G[g].name, cpu_of(G[g].pid) - G[g].t0);
  if (conn) {
    for (int g = 0; g < nG; g++) G[g].t0 = cpu_of(G[g].pid);
    fprintf(stderr, "READY\n"); uint64_t e = now() + hold * 1e9; while (now() < e) poll_(50);
    for (int g = 0; g < nG; g++) printf(",\"cpu_%s_s\":%.3f", G[g].name, cpu_of(G[g].pid) - G[g].t0);
    printf(",\"deliveries\":%lu,\"gaps\":%lu,\"dups\":%lu,\"malformed\":%lu", deliveries, gaps, dups, bad);
    printf(",\"dead_after_hold\":%d}\n", n_dead); return 0;
  }
  // settle, then warm up, measure, drain
  uint64_t e0 = now() + 300000000ull; while (now() < e0) poll_(20);
  uint64_t t0 = now(), tm = t0 + warmup * 1e9, te = tm + secs * 1e9, m0 = 0, m1 = 0; double self0 = 0, self1 = 0;
  uint64_t d0 = 0, f0 = 0, a0 = 0, s0 = 0, r0 = 0, d1 = 0, f1 = 0, a1 = 0, s1 = 0, r1 = 0, sent = 0, k = 0; double gap = rated ? 1e9 / rate : 0;
  phase = 1; int tfd = -1;
  if (rated) { tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK); struct epoll_event e = {.events = EPOLLIN, .data.ptr = 0}; epoll_ctl(ep, EPOLL_CTL_ADD, tfd, &e); }
  for (;;) {
    uint64_t t = now();
    if (phase == 1 && t >= tm) { phase = 2; m0 = t; d0 = deliveries; f0 = frames; a0 = acks; s0 = sent; r0 = reads_; self0 = cpu_self(); for (int g = 0; g < nG; g++) G[g].t0 = cpu_of(G[g].pid); }
    if (t >= te) break;
    if (rated) {
      uint64_t due;
      while ((due = t0 + (uint64_t)(k * gap)) <= t) { int i = k++ % nP; publish(i, due); sent++; flush_(&C[P[i].conn]); }
      struct itimerspec it = {.it_value = {due / 1000000000ull, due % 1000000000ull}}; timerfd_settime(tfd, TFD_TIMER_ABSTIME, &it, 0);
    } else pump();
    poll_(20);
    if (n_dead) break;
  }
  m1 = now(); d1 = deliveries; f1 = frames; a1 = acks; r1 = reads_; self1 = cpu_self(); s1 = 0;
  for (int g = 0; g < nG; g++) G[g].t1 = cpu_of(G[g].pid);
  phase = 3; uint64_t exp = 0, got = 0, tot = 0, dl = now() + drain * 1e9;
  do {
    exp = got = tot = 0; int busy = 0;
    for (int i = 0; i < nP; i++) { tot += P[i].sent; got += P[i].recv; busy += P[i].busy; exp += (uint64_t)P[i].sent * expect(i); }
    if (got >= exp && !(txn && busy)) break;
    poll_(20);
  } while (now() < dl && !n_dead);
  uint64_t exq = now() + 100000000ull; while (now() < exq) poll_(10); // late duplicates
  double s = (m1 - m0) / 1e9;
  printf(",\"mode\":\"%s\",\"secs\":%.3f,\"deliveries\":%lu,\"deliveries_per_s\":%.1f,\"frames\":%lu,\"reads\":%lu,\"sent_total\":%lu", mode, s, d1 - d0, (d1 - d0) / s, f1 - f0, r1 - r0, tot);
  if (txn) printf(",\"acks\":%lu,\"acks_total\":%lu,\"nacks\":%lu,\"acks_per_s\":%.1f,\"ack_p50_ms\":%.4f,\"ack_p99_ms\":%.4f", a1 - a0, acks, nacks, (a1 - a0) / s, hq(hist_a, .5), hq(hist_a, .99));
  for (int g = 0; g < nG; g++) { double c = G[g].t1 - G[g].t0; printf(",\"cpu_%s_s\":%.3f,\"util_%s\":%.3f,\"cpu_%s_s_per_M\":%.4f", G[g].name, c, G[g].name, c / s, G[g].name, d1 > d0 ? c * 1e6 / (d1 - d0) : 0); }
  printf(",\"util_client\":%.3f,\"p50_ms\":%.4f,\"p90_ms\":%.4f,\"p99_ms\":%.4f,\"p999_ms\":%.4f", (self1 - self0) / s, hq(hist_d, .5), hq(hist_d, .9), hq(hist_d, .99), hq(hist_d, .999));
  printf(",\"expected\":%lu,\"received\":%lu,\"lost\":%ld,\"gaps\":%lu,\"dups\":%lu,\"malformed\":%lu,\"dead\":%d,\"dead_why\":\"%s\",\"ok\":%s}\n", exp, got, (long)(exp - got), gaps, dups, bad, n_dead, die_why ? die_why : "", exp == got && !gaps && !dups && !bad && !n_dead && !nacks ? "true" : "false");
  (void)s0; (void)s1; return 0;
}
