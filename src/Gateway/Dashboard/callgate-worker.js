// Opens the page of a call when its notification is touched: telephones let no page make one by itself.
"use strict";

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(event.notification.data));
});
