using Orion.Api;

return await OrionApplication.Run(args);
