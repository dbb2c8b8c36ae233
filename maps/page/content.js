// What the page shows.
const content = JSON.parse(document.getElementById("content").textContent);
